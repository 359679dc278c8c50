//! Properties that all texts and pictures of one product share, and the templates of its texts.

use std::collections::HashMap;
use std::ptr;

use atelier_core::Millis;
use fastrand::Rng;

use super::data::{Choices, DATA, ProductClass, ProductKind};
use super::pictures::{StyleColours, style_colours};
use super::random::{ShuffleBag, chance, weighted};

/// A day in milliseconds.
pub(super) const DAY_MS: i64 = 86_400_000;
/// Earliest date of a product: 2024-01-01.
const FIRST_CREATED_MS: i64 = 1_704_067_200_000;
/// Latest date of a product: 2025-10-01.
const LAST_CREATED_MS: i64 = 1_759_276_800_000;

/// One product, as its styles, reviews and questions refer to it.
pub(super) struct ProductContext {
    pub(super) rng: Rng,
    pub(super) id: i64,
    /// One of the first products: nothing is missing there.
    pub(super) featured: bool,
    pub(super) class: &'static ProductClass,
    pub(super) kind: &'static ProductKind,
    pub(super) name: String,
    pub(super) created_at: Millis,
    /// Colours of the styles.
    pub(super) colours: Vec<StyleColours>,
    material: &'static str,
    /// Customer that a response of the shop addresses.
    pub(super) customer: String,
    /// Noun of the name as it stands in a sentence: `rain jacket`.
    noun: String,
    /// Shuffled lists of texts, by the address of the list.
    bags: HashMap<*const Choices<String>, ShuffleBag<&'static String>>,
    /// Part named last; verbs and pronouns agree with it.
    part: &'static str,
    /// Index of the colour named last.
    colour: usize,
}

impl ProductContext {
    /// Draws the properties of the product with this id.
    pub(super) fn new(mut rng: Rng, id: i64) -> Self {
        let shares = DATA.classes.each_ref().map(|class| class.share);
        let any_class = &DATA.classes[weighted(&mut rng, &shares)];
        let any_kind = any_class.kinds.pick(&mut rng);
        let classes = DATA.classes.iter();
        let mut kinds = classes.flat_map(|class| class.kinds.iter().map(move |kind| (class, kind)));
        let featured = kinds.find(|(_, kind)| kind.featured == Some(id));
        let (class, kind) = featured.unwrap_or((any_class, any_kind));
        let noun = kind.nouns.pick(&mut rng);
        let mut name = DATA.products.name_prefixes.pick(&mut rng).clone();
        if !noun.contains(' ') && chance(&mut rng, 40) {
            name.extend([" ", DATA.products.name_qualifiers.pick(&mut rng)]);
        }
        name.extend([" ", noun]);
        Self {
            id,
            featured: featured.is_some(),
            class,
            kind,
            name,
            created_at: Millis(rng.i64(FIRST_CREATED_MS..=LAST_CREATED_MS)),
            colours: style_colours(&mut rng),
            material: kind.materials.pick(&mut rng),
            customer: String::new(),
            noun: noun.to_lowercase(),
            bags: HashMap::new(),
            part: "",
            colour: 0,
            rng,
        }
    }

    /// Returns true in `percent` of 100 calls.
    pub(super) fn chance(&mut self, percent: i64) -> bool {
        chance(&mut self.rng, percent)
    }

    /// Returns an entry of `texts`, filled in. No entry comes again before all others have.
    pub(super) fn sentence(&mut self, texts: &'static Choices<String>) -> String {
        let text = self.draw(texts);
        self.fill(text)
    }

    fn draw(&mut self, texts: &'static Choices<String>) -> &'static str {
        let bag = self.bags.entry(ptr::from_ref(texts));
        bag.or_insert_with(|| ShuffleBag::new(&mut self.rng, texts.iter()))
            .draw()
    }

    /// Replaces the placeholders of `text`, such as `{This} {is} made for {use}.`
    ///
    /// `{part}`, `{use}`, `{size}` and `{colour}` name another one each time. Verbs and pronouns agree with the noun of
    /// the product (`the boots keep`, `the parka keeps`), those with `part_` in front with the part named last. A
    /// placeholder in upper case starts with a capital letter. An unknown one stays as it is; a test looks for braces.
    pub(super) fn fill(&mut self, text: &str) -> String {
        let mut filled = String::with_capacity(text.len() + 16);
        let mut rest = text;
        while let Some((before, (placeholder, after))) = rest
            .split_once('{')
            .and_then(|(before, after)| Some((before, after.split_once('}')?)))
        {
            filled.push_str(before);
            let start = filled.len();
            self.write(&mut filled, placeholder);
            if placeholder.starts_with(char::is_uppercase)
                && let Some(first) = filled.get_mut(start..=start)
            {
                first.make_ascii_uppercase();
            }
            rest = after;
        }
        filled.push_str(rest);
        filled
    }

    fn write(&mut self, text: &mut String, placeholder: &str) {
        let kind = self.kind;
        let of_part = self.part;
        let by_noun = |one, many| if kind.plural { many } else { one };
        let by_part = |one, many| if of_part.ends_with('s') { many } else { one };
        let by_use = |worn, carried| if kind.carried { carried } else { worn };
        let vowel = self.noun.starts_with(['a', 'e', 'i', 'o', 'u']);
        let name = placeholder.to_ascii_lowercase();
        text.push_str(match name.as_str() {
            "this" => by_noun("this ", "these "),
            "one" => by_noun(if vowel { "an " } else { "a " }, "a pair of "),
            "piece" => by_noun("", "pair of "),
            "noun" => "",
            "it" => by_noun("it", "they"),
            "them" => by_noun("it", "them"),
            "its" => by_noun("its", "their"),
            "is" => by_noun("is", "are"),
            "was" => by_noun("was", "were"),
            "has" => by_noun("has", "have"),
            "does" => by_noun("does", "do"),
            "s" => by_noun("s", ""),
            "wear" => by_use("wear", "carry"),
            "worn" => by_use("worn", "carried"),
            "wearing" => by_use("wearing", "carrying"),
            "part" => {
                self.part = self.draw(&kind.parts);
                self.part
            }
            "part_is" => by_part("is", "are"),
            "part_has" => by_part("has", "have"),
            "part_s" => by_part("s", ""),
            "part_it" => by_part("it", "they"),
            "part_them" => by_part("it", "them"),
            "use" => self.draw(&kind.uses),
            "size" => self.draw(&self.class.sizes),
            "material" => self.material,
            "name" => &self.customer,
            "colour" => {
                self.colour = (self.colour + 1) % self.colours.len();
                return text.push_str(&self.colours[self.colour].colour.name.to_lowercase());
            }
            _ => return text.extend(["{", placeholder, "}"]),
        });
        if matches!(name.as_str(), "this" | "one" | "piece" | "noun") {
            text.push_str(&self.noun);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::random::seeded;
    use super::*;

    /// Fills in `text` for a featured product with this noun. 1 is a jacket, 2 sneakers, 4 a backpack, 6 boots, 10 a beanie.
    fn filled(id: i64, noun: &str, text: &str) -> String {
        let mut product = ProductContext::new(seeded(1, 1), id);
        (product.noun, product.customer) = (noun.to_owned(), "Zoë".to_owned());
        product.fill(text)
    }

    #[test]
    fn verbs_and_pronouns_agree_with_the_noun() {
        let text = "{This} keep{s} {its} shape, {it} {is} {one} to {wear}, {name}.";
        assert_eq!(
            filled(1, "anorak", text),
            "This anorak keeps its shape, it is an anorak to wear, Zoë."
        );
        assert_eq!(
            filled(6, "lace boots", text),
            "These lace boots keep their shape, they are a pair of lace boots to wear, Zoë."
        );
        assert_eq!(
            filled(4, "rucksack", "{One} {worn} to work."),
            "A rucksack carried to work."
        );
    }

    #[test]
    fn parts_differ_and_verbs_agree_with_them() {
        let text = filled(10, "beanie", "{part} {part} {part} {part}");
        let mut parts: Vec<&str> = text.split(' ').collect();
        parts.sort_unstable();
        assert_eq!(parts, ["bobble", "cuff", "ribbing", "seam"]);
        let text = "{part} {part_is}, ".repeat(5);
        let text = filled(2, "walkers", &text);
        assert!(
            text.contains("sole is, ") && text.contains("laces are, "),
            "{text}"
        );
    }

    #[test]
    fn unknown_placeholder_stays() {
        assert_eq!(filled(6, "chukkas", "a {pair} {of"), "a {pair} {of");
    }
}
