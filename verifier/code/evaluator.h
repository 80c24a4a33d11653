// What each operation makes of a state.
#pragma once

#include <cstdint>
#include <map>

#include "verifier/code/evaluate.h"

namespace assay::code {

class Evaluator {
 public:
  // Borrows all.
  Evaluator(const Body& body, std::uint64_t entry, Knowledge& knowledge)
      : body_(body),
        entry_(entry),
        knowledge_(knowledge),
        image_(knowledge.image()),
        machine_(image_.machine()) {}

  [[nodiscard]] State EntryState() const;
  [[nodiscard]] const std::vector<std::string>& joined() const {
    return joined_;
  }
  // From the block's beginning to its end. True when something was learned of
  // what memory holds that may matter elsewhere in the function.
  bool Run(std::uint32_t block, State& state, Trace& trace);

 private:
  struct Place {
    std::uint32_t block = 0;
    std::uint32_t site = 0;
  };
  void Step(const Operation& operation, const Place& place, State& state,
            Trace& trace);
  void Jump(const Operation& operation, const Place& place, State& state,
            Trace& trace);
  void Return(const State& state);
  [[nodiscard]] Register ResultAfter(std::uint32_t block) const;

  // Operands.
  [[nodiscard]] Value AddressOf(const Operand& operand,
                                const State& state) const;
  [[nodiscard]] Value Read(const Operand& operand, std::uint8_t width,
                           const State& state) const;
  void Write(const Operand& operand, std::uint8_t width, const Value& value,
             State& state);
  [[nodiscard]] Value Load(const Value& address, std::uint8_t width,
                           const State& state) const;
  void Store(const Value& address, std::uint8_t width, const Value& value,
             State& state);
  // Where it comes from, or what it points to does.
  [[nodiscard]] Origin::Bits OriginOf(const Value& value,
                                      const State& state) const;
  // What `pointer` points to comes from there too.
  void Fill(const Value& pointer, Origin::Bits origin);
  [[nodiscard]] std::optional<std::string> TextOf(const Value& value,
                                                  const State& state) const;

  // Results.
  // The bytes of a difference, and a sum of two: zero if both are.
  [[nodiscard]] std::string BytesOf(const Value& difference) const;
  [[nodiscard]] Value Joined(const Value& first, const Value& second);
  [[nodiscard]] Value Compute(const Operation& operation, const Value& a,
                              const Value& b);
  void Compare(const Operation& operation, State& state) const;
  const Test& AddTest(const Operation& operation, const Place& place,
                      const State& state, Trace& trace);

  // Calls.
  [[nodiscard]] Callee CalleeOf(const Operation& operation,
                                const State& state) const;
  // Of an argument that points to a constant internet address and port.
  [[nodiscard]] std::optional<std::string> EndpointAt(const Value& value,
                                                      const State& state) const;
  [[nodiscard]] Value ArgumentOf(std::size_t index, const State& state) const;
  void Invoke(const Operation& operation, const Place& place, State& state,
              Trace& trace);
  Origin::Bits Effects(const Call& call, State& state);
  Origin::Bits EffectsOfLibrary(const Call& call, Origin::Bits all);
  // Others call a function of the program with what comes from there.
  void Hand(const Value& function, std::size_t argument, Origin::Bits origin);
  Origin::Bits EffectsOfOwn(const Call& call, Origin::Bits all);

  const Body& body_;
  std::uint64_t entry_;
  Knowledge& knowledge_;
  const Image& image_;
  const Machine& machine_;
  Regions frame_;                               // what the stack holds
  std::map<std::uint32_t, Origin::Bits> made_;  // what results point to
  std::vector<std::string> joined_;             // of sums of differences
  bool learned_ = false;
};

}  // namespace assay::code
