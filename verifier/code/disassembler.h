// Capstone for one instruction set: its handle, and room for one instruction.
#pragma once

#include <capstone/capstone.h>

#include <cstdint>

#include "verifier/base/bytes.h"

namespace assay::code {

class Disassembler {
 public:
  Disassembler(cs_arch family, cs_mode mode) {
    if (cs_open(family, mode, &handle_) == CS_ERR_OK) {
      cs_option(handle_, CS_OPT_DETAIL, CS_OPT_ON);
      instruction_ = cs_malloc(handle_);
    }
  }
  Disassembler(const Disassembler&) = delete;
  Disassembler& operator=(const Disassembler&) = delete;
  ~Disassembler() {
    if (instruction_ != nullptr) {
      cs_free(instruction_, 1);
    }
    if (handle_ != 0) {
      cs_close(&handle_);
    }
  }

  // The first instruction of `bytes`, or nullptr; until the next call.
  [[nodiscard]] const cs_insn* At(ByteView bytes, std::uint64_t address) {
    const std::uint8_t* data = bytes.data();
    std::size_t size = bytes.size();
    return instruction_ != nullptr &&
                   cs_disasm_iter(handle_, &data, &size, &address, instruction_)
               ? instruction_
               : nullptr;
  }

 private:
  csh handle_ = 0;
  cs_insn* instruction_ = nullptr;
};

}  // namespace assay::code
