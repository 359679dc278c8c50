//! Templates of sentences, and how they are filled in.
//!
//! A template is text with names in braces, such as `{This} {is} made for {use}.` A capital letter in the name gives one
//! in the text. Verbs and pronouns follow the noun: `the boots keep`, `the parka keeps`.

use super::goods::Good;
use super::random::{Deck, Random};

/// What the sentences about one product speak of.
pub(super) struct Wording<'a> {
    good: &'a Good,
    noun: String,
    material: &'a str,
    colours: &'a [String],
    /// The person an answer is addressed to.
    pub(super) name: String,
    parts: Deck<'a, &'static str>,
    uses: Deck<'a, &'static str>,
    sizes: Deck<'a, &'static str>,
    colour: usize,
    part: &'a str,
}

impl<'a> Wording<'a> {
    /// `noun` is the kind of the product in a title (`Rain Jacket`), `colours` the names of its colours in a sentence.
    pub(super) fn new(
        random: &mut Random,
        good: &'a Good,
        noun: &str,
        material: &'a str,
        colours: &'a [String],
    ) -> Self {
        Self {
            good,
            noun: noun.to_lowercase(),
            material,
            colours,
            name: String::new(),
            parts: Deck::new(random, &[good.parts]),
            uses: Deck::new(random, &[good.uses]),
            sizes: Deck::new(random, &[good.class.sizes()]),
            colour: 0,
            part: "",
        }
    }

    /// The text of `template`. `{part}`, `{use}`, `{size}` and `{colour}` name another one each time; what follows a
    /// part agrees with it.
    pub(super) fn fill(&mut self, template: &str) -> String {
        let mut text = String::with_capacity(template.len() + 16);
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            let Some((name, after)) = after.split_once('}') else {
                break;
            };
            text.push_str(before);
            let start = text.len();
            self.push(&mut text, name);
            if name.starts_with(char::is_uppercase)
                && let Some(first) = text.get_mut(start..=start)
            {
                first.make_ascii_uppercase();
            }
            rest = after;
        }
        text.push_str(rest);
        text
    }

    fn push(&mut self, text: &mut String, name: &str) {
        let plural = self.good.plural;
        let by_noun = |one, many| if plural { many } else { one };
        let by_part = |one, many| if self.part.ends_with('s') { many } else { one };
        let by_manner = |worn, carried| if self.good.carried { carried } else { worn };
        text.push_str(match name {
            "this" | "This" => by_noun("this ", "these "),
            "one" | "One" => by_noun(
                if self.noun.starts_with(['a', 'e', 'i', 'o', 'u']) {
                    "an "
                } else {
                    "a "
                },
                "a pair of ",
            ),
            "piece" => by_noun("", "pair of "),
            "noun" => "",
            "it" | "It" => by_noun("it", "they"),
            "them" => by_noun("it", "them"),
            "its" => by_noun("its", "their"),
            "is" | "Is" => by_noun("is", "are"),
            "was" => by_noun("was", "were"),
            "has" => by_noun("has", "have"),
            "does" | "Does" => by_noun("does", "do"),
            "s" => by_noun("s", ""),
            "wear" => by_manner("wear", "carry"),
            "worn" => by_manner("worn", "carried"),
            "wearing" => by_manner("wearing", "carrying"),
            "part" | "Part" => {
                self.part = self.parts.deal();
                self.part
            }
            "part_is" => by_part("is", "are"),
            "part_has" => by_part("has", "have"),
            "part_s" => by_part("s", ""),
            "part_it" => by_part("it", "they"),
            "part_them" => by_part("it", "them"),
            "use" => self.uses.deal(),
            "size" => self.sizes.deal(),
            "material" => self.material,
            "name" => &self.name,
            "colour" | "Colour" => {
                self.colour += 1;
                self.colours
                    .get(self.colour % self.colours.len().max(1))
                    .map_or("colour", String::as_str)
            }
            // A misspelt name stays visible; a test looks for braces.
            _ => return text.extend(["{", name, "}"]),
        });
        if matches!(name, "this" | "This" | "one" | "One" | "piece" | "noun") {
            text.push_str(&self.noun);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::goods::SHOWN_FIRST;
    use super::*;

    fn filled(category: &str, noun: &str, template: &str) -> String {
        let good = SHOWN_FIRST
            .iter()
            .find(|good| good.category == category)
            .expect("a kind of good");
        let colours = ["deep navy".to_owned()];
        let mut wording =
            Wording::new(&mut Random::of(1, 1), good, noun, "oiled leather", &colours);
        wording.name = "Zoë".to_owned();
        wording.fill(template)
    }

    #[test]
    fn verbs_and_pronouns_follow_the_noun() {
        let template = "{This} keep{s} {its} shape, {it} {is} {one} to {wear}, {name}.";
        assert_eq!(
            filled("Jackets", "Anorak", template),
            "This anorak keeps its shape, it is an anorak to wear, Zoë."
        );
        assert_eq!(
            filled("Boots", "Lace Boots", template),
            "These lace boots keep their shape, they are a pair of lace boots to wear, Zoë."
        );
        assert_eq!(
            filled("Backpacks", "Rucksack", "{One} {worn} in {Colour}."),
            "A rucksack carried in Deep navy."
        );
    }

    #[test]
    fn each_part_is_another_one_and_its_verb_agrees() {
        let text = filled("Beanies", "Beanie", "{part} {part} {part} {part}");
        let mut parts: Vec<&str> = text.split(' ').collect();
        parts.sort_unstable();
        assert_eq!(parts, ["bobble", "cuff", "ribbing", "seam"]);
        let text = filled(
            "Sneakers",
            "Walkers",
            "{part} {part_is} {part} {part_is} {part} {part_is}",
        );
        for pair in text.split(' ').collect::<Vec<_>>().chunks(2) {
            assert_eq!(pair[1], if pair[0] == "laces" { "are" } else { "is" });
        }
    }

    #[test]
    fn a_misspelt_name_stays_visible() {
        assert_eq!(filled("Boots", "Chukkas", "a {pair} {of"), "a {pair} {of");
    }
}
