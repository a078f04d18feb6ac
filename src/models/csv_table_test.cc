// Tables give cells by name and line, and say where a file is wrong.

#include "models/csv_table.h"

#include <gtest/gtest.h>

namespace attune::models {
namespace {

TEST(CsvTableTest, GivesCellsByColumnAndLine) {
  const auto table = CsvTable::Read("a,\"b c\"\r\n1,\"x, y\"\n\n-2.5e3,\n");
  ASSERT_TRUE(table.ok()) << table.status().message();
  EXPECT_EQ(table->columns(), (std::vector<std::string>{"a", "b c"}));
  ASSERT_EQ(table->row_count(), 2u);
  EXPECT_EQ(table->Cell(0, 1), "x, y");
  EXPECT_EQ(table->line(1), 4u);
  EXPECT_EQ(*table->Number(1, 0), -2500);
  EXPECT_EQ(*table->Column("b c"), 1u);
  EXPECT_FALSE(table->FindColumn("c").has_value());
}

TEST(CsvTableTest, NamesTheColumnAndTheLineOfWhatIsNoNumber) {
  for (const char* const bad : {"x1", "", "1 ", "inf", "nan", "1e999"}) {
    const auto table = CsvTable::Read(std::string("reward,n\n1,1\n") + bad + ",1\n");
    ASSERT_TRUE(table.ok());
    const Status status = table->Number(1, 0).status();
    EXPECT_EQ(status.code(), StatusCode::kInvalidArgument) << bad;
    EXPECT_EQ(status.field(), "reward");
    EXPECT_NE(status.message().find("reward on line 3 must be a number"), std::string::npos)
        << status.message();
  }
}

TEST(CsvTableTest, SaysWhichColumnsThereAre) {
  const auto table = CsvTable::Read("click;position\n1;2\n");
  ASSERT_TRUE(table.ok());
  const Status status = table->Column("reward").status();
  EXPECT_EQ(status.field(), "reward");
  EXPECT_EQ(status.message(), "there is no column reward; the file has 'click' 'position'");
}

TEST(CsvTableTest, RefusesWhatIsNoTable) {
  EXPECT_EQ(CsvTable::Read("").status().message(), "the file has no header line");
  EXPECT_EQ(CsvTable::Read("a,b\n").status().message(), "the file has a header, but no rows");
  EXPECT_EQ(CsvTable::Read("a,a\n1,2\n").status().field(), "a");
  EXPECT_EQ(CsvTable::Read("a,b\n1,2\n3\n").status().message(),
            "the row on line 3 has 1 cells, the header has 2");
  EXPECT_EQ(CsvTable::Read("a,b\n1,2,3\n").status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(CsvTable::Read("a,b\n1,\"2\n").status().code(), StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace attune::models
