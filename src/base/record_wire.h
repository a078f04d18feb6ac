// Do the fields of a message have the wire types that we write?
//
// Bytes of another wire type are damage; protozero reads them as something else, or stops a debug build.
// `wires` has one letter per field number, from 1: v varint, f fixed64, b bytes.  Other numbers always pass:
// they are a newer build's, and are skipped.  Every reader of stored bytes asks this, or switches on
// tag_and_type(), before it takes a value.  Yes-or-no fields are taken as `get_uint32() != 0`: get_bool()
// looks at a byte before it knows that there is one.
//
// Thread safety: pure function.

#ifndef ATTUNE_BASE_RECORD_WIRE_H_
#define ATTUNE_BASE_RECORD_WIRE_H_

#include <protozero/pbf_reader.hpp>
#include <string_view>

namespace attune {

inline bool HasKnownWire(const protozero::pbf_reader& reader, std::string_view wires) {
  const size_t index = reader.tag() - 1;  // Tags are at least 1.
  if (index >= wires.size()) return true;
  switch (wires[index]) {
    case 'v':
      return reader.has_wire_type(protozero::pbf_wire_type::varint);
    case 'f':
      return reader.has_wire_type(protozero::pbf_wire_type::fixed64);
    default:
      return reader.has_wire_type(protozero::pbf_wire_type::length_delimited);
  }
}

}  // namespace attune

#endif  // ATTUNE_BASE_RECORD_WIRE_H_
