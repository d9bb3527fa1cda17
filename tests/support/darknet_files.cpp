#include "support/darknet_files.h"

#include <map>

#include "support/files.h"

namespace pose::test {

void write_darknet_weights(const std::string& path, const std::vector<DarknetTensor>& order,
                           const BoundGraph& graph) {
  std::map<std::string, const Blob*> values;
  for (std::size_t i = 0; i < graph.values.size(); ++i)
    for (std::size_t k = 0; k < graph.values[i].size(); ++k)
      values[graph.graph.nodes[i].params[k].key] = &graph.values[i][k];
  std::string bytes(20, '\0');  // major 0, minor 2, revision 5, images seen: 64 bits
  bytes[4] = 2;
  bytes[8] = 5;
  for (const DarknetTensor& tensor : order) {
    const Blob& blob = *values.at(tensor.key);
    bytes.append(reinterpret_cast<const char*>(blob.data()),
                 static_cast<std::size_t>(blob.elements()) * sizeof(float));
  }
  write_text(path, bytes);
}

}  // namespace pose::test
