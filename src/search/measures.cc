#include "search/measures.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>

namespace attune::search {
namespace {

constexpr double kInchMm = 25.4;

constexpr Unit kUnits[] = {
    {"mm", "mm", 1},
    {"cm", "mm", 10},
    {"m", "mm", 1000},
    {"meter", "mm", 1000},
    {"metre", "mm", 1000},
    {"inch", "mm", kInchMm},
    {"inches", "mm", kInchMm},
    {"in", "mm", kInchMm},
    {"zoll", "mm", kInchMm},
    {"pouces", "mm", kInchMm},
    {"pulgadas", "mm", kInchMm},
    {"pollici", "mm", kInchMm},
    {"tum", "mm", kInchMm},
    {"cali", "mm", kInchMm},
    {"cale", "mm", kInchMm},
    {"ft", "mm", 304.8},
    {"ml", "ml", 1},
    {"cl", "ml", 10},
    {"dl", "ml", 100},
    {"l", "ml", 1000},
    {"liter", "ml", 1000},
    {"litre", "ml", 1000},
    {"litro", "ml", 1000},
    {"litr", "ml", 1000},
    {"mg", "g", 0.001},
    {"g", "g", 1},
    {"gr", "g", 1},
    {"kg", "g", 1000},
    {"kilo", "g", 1000},
    {"oz", "g", 28.35},
    {"lb", "g", 453.6},
    {"lbs", "g", 453.6},
    {"kb", "mb", 0.001},
    {"mb", "mb", 1},
    {"gb", "mb", 1000},
    {"tb", "mb", 1000000},
    {"go", "mb", 1000},
    {"to", "mb", 1000000},
    {"w", "w", 1},
    {"watt", "w", 1},
    {"kw", "w", 1000},
    {"va", "va", 1},
    {"v", "v", 1},
    {"volt", "v", 1},
    {"mah", "mah", 1},
    {"ah", "mah", 1000},
    {"hz", "hz", 1},
    {"khz", "hz", 1e3},
    {"mhz", "hz", 1e6},
    {"ghz", "hz", 1e9},
    {"dpi", "dpi", 1},
    {"mp", "mp", 1},
    {"megapixel", "mp", 1},
};

std::string TextOf(double amount, const Unit& unit) {
  std::array<char, 32> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%.3g", amount * unit.factor);
  return std::string(buffer.data()) + " " + std::string(unit.base);
}

// "16gb": the number ends where the letters begin.
const Unit* SplitCode(const std::string& code, double& amount) {
  char* end = nullptr;
  amount = std::strtod(code.c_str(), &end);
  const auto digits = static_cast<size_t>(end - code.c_str());
  return digits == 0 ? nullptr : FindUnit(std::string_view(code).substr(digits));
}

}  // namespace

const Unit* FindUnit(std::string_view folded) {
  const auto* const unit = std::find_if(std::begin(kUnits), std::end(kUnits),
                                        [&](const Unit& each) { return each.name == folded; });
  return unit == std::end(kUnits) ? nullptr : unit;
}

std::vector<Measure> MeasuresOf(const std::vector<text::Token>& wholes) {
  std::vector<Measure> measures;
  for (uint32_t i = 0; i < wholes.size(); ++i) {
    const text::Token& token = wholes[i];
    if (token.kind == text::WordKind::kNumber && i + 1 < wholes.size()) {
      const Unit* unit = FindUnit(wholes[i + 1].surface);
      if (unit == nullptr) continue;
      measures.push_back({TextOf(std::strtod(token.surface.c_str(), nullptr), *unit), i, 2});
    } else if (token.kind == text::WordKind::kCode) {
      double amount = 0;
      const Unit* unit = SplitCode(token.surface, amount);
      if (unit != nullptr) measures.push_back({TextOf(amount, *unit), i, 1});
    }
  }
  return measures;
}

}  // namespace attune::search
