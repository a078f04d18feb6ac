// Fuzzes the import of delimited text (CSV, TSV, Shopify).

#include "catalog_feed.h"
#include "fuzz_target.h"

// Plain CSV, TSV with other spellings, a Google Merchant feed as TSV, and a Shopify product export.
std::vector<std::string> attune::fuzz::Seeds() {
  return {
      "id,title,price,stock,categories,image\np1,Lamp,\"24,90 EUR\",3,Home > Light,https://x.example/1.jpg\n"
      "p2,\"A \"\"tall\"\" lamp\",19.90,0,,\n",
      "id\tname\tprice\tcurrency\tavailability\n1\tCup\t5\tEUR\tin stock\n2\tJug\t7\tEUR\tout of stock\n",
      "id\ttitle\tlink\timage_link\tprice\tsale_price\tavailability\titem_group_id\tgoogle_product_category\n"
      "a-1\tShirt\thttps://x.example/a\thttps://x.example/a.jpg\t10.00 EUR\t8.00 EUR\tin_stock\ta\tApparel > "
      "Shirts\n"
      "a-2\tShirt\thttps://x.example/a\thttps://x.example/a.jpg\t10.00 EUR\t\tpreorder\ta\tApparel > "
      "Shirts\n",
      "Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Variant SKU,"
      "Variant Inventory Qty,Variant Price,Variant Compare At Price,Image Src,Status\n"
      "lamp,Lamp,<p>Tall</p>,Lumo,Light,\"new, "
      "tall\",true,Size,L,l-1,3,24.90,29.90,https://x.example/l.jpg,active\n"
      "lamp,,,,,,,,M,l-2,0,22.90,,,\n"};
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  attune::catalog::ImportBytes(data, size, attune::catalog::FeedFormat::kDelimited);
  return 0;
}
