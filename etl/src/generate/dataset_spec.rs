//! Specification of a generated data set: everything that determines its bytes.

use fastrand::Rng;
use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::generate::options::{FormatVersion, Generate};
use crate::schema::{LegacyFile, TableSchema};

const HEAD_PRODUCTS: &str = include_str!("head_products.txt");

/// Kind of a product, which determines its characteristics and sizes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProductKind {
    Clothing,
    Shoes,
    Accessories,
}

/// Independent random sequences of one file.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Stream {
    /// Kinds of products, and numbers of children.
    Structure,
    /// Values of the rows.
    Values,
    /// Prices of products, shared by `product.csv` and `styles.csv`.
    Prices,
    /// Default styles by product.
    DefaultStyles,
    /// Pool of image URLs.
    Urls,
    /// Order of the first rows.
    Order,
    /// Rows with injected defects.
    Defects,
}

/// Hand-made product. The first products of each data set are these.
#[derive(Debug, Clone)]
pub(crate) struct HeadProduct {
    pub(crate) kind: ProductKind,
    pub(crate) styles: u64,
    pub(crate) price: u64,
    /// Name, slogan, description and category.
    pub(crate) texts: [&'static str; 4],
}

#[derive(Debug, Clone)]
pub(crate) struct DatasetSpec {
    pub(crate) options: Generate,
    pub(crate) is_early: bool,
    head: Vec<HeadProduct>,
}

impl DatasetSpec {
    pub(crate) fn new(options: &Generate) -> Self {
        Self {
            options: options.clone(),
            is_early: options.format_version == FormatVersion::Early,
            head: head_products(),
        }
    }

    /// Returns a random number generator for one row of a file, independent of all other rows.
    pub(crate) fn rng(&self, file: LegacyFile, stream: Stream, row: u64) -> Rng {
        let sequence = [(file as u8), stream as u8];
        let seed = xxh3_64_with_seed(&sequence, self.options.seed);
        Rng::with_seed(xxh3_64_with_seed(&row.to_le_bytes(), seed))
    }

    /// Returns the hand-made product with this number, if it is one.
    pub(crate) fn head_product(&self, product: u64) -> Option<&HeadProduct> {
        self.head.get(usize::try_from(product - 1).ok()?)
    }

    /// Returns the price of a product before any defect.
    pub(crate) fn price(&self, product: u64) -> u64 {
        match self.head_product(product) {
            Some(head) => head.price,
            None => self
                .rng(LegacyFile::Product, Stream::Prices, product)
                .u64(1..=1_000),
        }
    }

    /// Returns the header line, or `None` if the file has none.
    pub(crate) fn header(&self, table: &TableSchema) -> Option<String> {
        use LegacyFile::{Characteristics, Features, Photos, Skus, Styles};
        if table.file == Features && self.options.no_features_header {
            return None;
        }
        let is_camel_case = !self.is_early && matches!(table.file, Styles | Photos | Skus);
        let mut names: Vec<&str> = table
            .columns
            .iter()
            .map(|column| match column.name {
                "product_id" if is_camel_case => "productId",
                "style_id" if is_camel_case => "styleId",
                name => name,
            })
            .collect();
        if let Some(order) = self.column_order(table.file) {
            names = order.iter().map(|index| names[*index]).collect();
        }
        let has_byte_order_mark = self.options.defect_rate > 0.0 && table.file == Characteristics;
        let byte_order_mark = if has_byte_order_mark { "\u{FEFF}" } else { "" };
        let names = names.join(self.separator(table.file));
        Some(format!("{byte_order_mark}{names}"))
    }

    pub(crate) fn separator(&self, file: LegacyFile) -> &'static str {
        use LegacyFile::{Features, Product, Skus, Styles};
        if self.is_early && matches!(file, Product | Features | Styles | Skus) {
            ", "
        } else {
            ","
        }
    }

    /// Returns the order of columns if it differs from the schema. With defects, one file has another order.
    pub(crate) fn column_order(&self, file: LegacyFile) -> Option<&'static [usize]> {
        (self.options.defect_rate > 0.0 && file == LegacyFile::Cart).then_some(&[0, 2, 1, 3])
    }
}

/// Parses `head_products.txt`. A line is `kind|styles|price|category|name|slogan|description`.
fn head_products() -> Vec<HeadProduct> {
    let lines = HEAD_PRODUCTS.lines().filter(|line| !line.starts_with('#'));
    lines
        .filter_map(|line| {
            let fields: Vec<_> = line.split('|').collect();
            let [kind, styles, price, category, name, slogan, description] = fields[..] else {
                return None;
            };
            Some(HeadProduct {
                kind: match kind {
                    "clothing" => ProductKind::Clothing,
                    "shoes" => ProductKind::Shoes,
                    _ => ProductKind::Accessories,
                },
                styles: styles.parse().ok()?,
                price: price.parse().ok()?,
                texts: [name, slogan, description, category],
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn head_products_are_parsed() {
        let head = head_products();
        let styles: Vec<_> = head.iter().map(|product| product.styles).collect();
        assert_eq!(styles, [6, 4, 6, 9, 4, 2, 5, 9, 1, 6, 0]);
        assert_eq!(
            (head[9].price, head[9].kind),
            (5_000_000, ProductKind::Accessories)
        );
        assert!(
            !HEAD_PRODUCTS.contains('"'),
            "quotes would have to be escaped"
        );
    }
}
