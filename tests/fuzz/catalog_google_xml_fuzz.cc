// Fuzzes the import of Google Merchant XML.

#include "catalog_feed.h"
#include "fuzz_target.h"

std::vector<std::string> attune::fuzz::Seeds() {
  return {R"(<?xml version="1.0"?><rss xmlns:g="http://base.google.com/ns/1.0" version="2.0"><channel>
<item><g:id>a-1</g:id><g:title><![CDATA[Shirt & tie]]></g:title><g:price>10.00 EUR</g:price>
<g:item_group_id>a</g:item_group_id><g:availability>in_stock</g:availability>
<g:product_type>Apparel &gt; Shirts</g:product_type><g:additional_image_link>https://x.example/2.jpg</g:additional_image_link>
</item><item><g:id>a-2</g:id><g:item_group_id>a</g:item_group_id></item></channel></rss>)",
          R"(<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>p1</id><title>Cup</title></entry></feed>)"};
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  attune::catalog::ImportBytes(data, size, attune::catalog::FeedFormat::kXml);
  return 0;
}
