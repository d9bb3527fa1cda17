// Prints the joints of everybody on one photo: estimate_one_image PHOTO [DETECTOR_CARD POSE_CARD]

#include <pose/error.h>
#include <pose/estimator.h>
#include <pose/image.h>

#include <iostream>

int main(int argc, char** argv) {
  if (argc != 2 && argc != 4) {
    std::cerr << "usage: estimate_one_image PHOTO [DETECTOR_CARD POSE_CARD]\n";
    return 2;
  }
  pose::ModelOptions options;
  if (argc == 4) {
    options.detector = argv[2];
    options.pose_model = argv[3];
  }
  try {
    pose::Estimator estimator(options);
    for (const pose::Person& person : estimator.estimate(pose::read_image(argv[1])))
      for (const pose::Joint& joint : person.joints)
        std::cout << joint.x << ' ' << joint.y << ' ' << joint.score << '\n';
  } catch (const pose::Error& e) {
    std::cerr << e.what() << '\n';
    return 1;
  }
}
