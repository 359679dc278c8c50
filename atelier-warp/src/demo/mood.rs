//! How a review is put together from sentences of one mood.

use super::article::Article;
use super::goods::{Class, Good};
use super::opinions::{CLOTHING_FIT, HAPPY, Opinions, SHOE_FIT, TORN, UNHAPPY};
use super::random::{Deck, Random};

type Sentences = Deck<'static, &'static str>;

/// The sentences of one mood, shuffled for one product so that its reviews differ.
pub(super) struct Mood {
    pub(super) summaries: Sentences,
    openings: Sentences,
    /// About this kind of good.
    particular: Sentences,
    /// About any.
    general: Sentences,
    parts: Sentences,
    /// How things fall: small, as they should, large.
    fits: Vec<Sentences>,
    closings: Sentences,
    responses: Sentences,
    /// How many reviews in a hundred the shop replies to.
    replied: i64,
}

impl Mood {
    /// Of four and five stars, of three, and of fewer.
    pub(super) fn all(random: &mut Random, good: &'static Good) -> [Self; 3] {
        [
            Self::new(random, good.class, &HAPPY, good.praise, 6),
            Self::new(random, good.class, &TORN, good.complaints, 15),
            Self::new(random, good.class, &UNHAPPY, good.complaints, 30),
        ]
    }

    fn new(
        random: &mut Random,
        class: Class,
        opinions: &'static Opinions,
        particular: &'static [&'static str],
        replied: i64,
    ) -> Self {
        let mut deck = |sentences| Deck::new(random, &[sentences]);
        Self {
            summaries: deck(opinions.summaries),
            openings: deck(opinions.openings),
            particular: deck(particular),
            general: deck(opinions.details),
            parts: deck(opinions.parts),
            fits: fits(class)
                .iter()
                .map(|sentences| deck(sentences))
                .collect(),
            closings: deck(opinions.closings),
            responses: deck(opinions.responses),
            replied,
        }
    }

    /// The text of a review. `fit` is its value of the first characteristic.
    pub(super) fn body(&mut self, random: &mut Random, article: &mut Article, fit: i64) -> String {
        let mut body = article.wording.fill(self.openings.deal());
        let mut add = |sentence: &str| {
            body.push(' ');
            body.push_str(&article.wording.fill(sentence));
            body.len()
        };
        let talkative = random.chance(12);
        let says = |random: &mut Random, percent| talkative || random.chance(percent);
        let mut length = 0;
        let fits = self.fits.get_mut(match fit {
            ..=2 => 0,
            3 => 1,
            _ => 2,
        });
        if let Some(sentences) = fits
            && says(random, 40)
        {
            length = add(sentences.deal());
        }
        if says(random, 70) {
            length = add(self.particular.deal());
        }
        if says(random, 40) {
            length = add(self.parts.deal());
        }
        // 50 characters is what front ends ask of a review; these are bytes, and some characters have several.
        while length < 60 {
            length = add(self.general.deal());
        }
        if says(random, 45) {
            add(self.closings.deal());
        }
        body
    }

    /// What the shop replies, if it does.
    pub(super) fn response(
        &mut self,
        random: &mut Random,
        article: &mut Article,
    ) -> Option<String> {
        random
            .chance(self.replied)
            .then(|| article.wording.fill(self.responses.deal()))
    }
}

fn fits(class: Class) -> &'static [&'static [&'static str]] {
    match class {
        Class::Clothing => &CLOTHING_FIT,
        Class::Shoes => &SHOE_FIT,
        Class::Accessory => &[],
    }
}
