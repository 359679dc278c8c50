//! Connections to the database are cut in the middle of a result.

use super::*;

/// Number of connections that are cut; `ATELIER_CUTS` overrides it.
const CUTS: usize = 300;

/// Reads of rows that the test does not change.
const READS: [&str; 4] = [
    "/products/501",
    "/products/501/styles",
    "/reviews?product_id=501&count=99",
    "/reviews/meta?product_id=501",
];

#[test]
fn connection_cut_in_mid_result_loses_nothing() {
    let cuts = std::env::var("ATELIER_CUTS").map_or(CUTS, |cuts| cuts.parse().expect("a number"));
    staged(without_cache(), async |Stage { proxy, shop, past }| {
        let mut expected = vec![];
        for target in READS {
            expected.push(past.get(target).await);
        }
        let (mut random, mut posted, mut again) = (Random(0x5eed), vec![], 0);
        while proxy.cuts() < cuts {
            let before = proxy.cuts();
            proxy.cut_after(usize::try_from(random.below(4_097)).expect("small"));
            while proxy.cuts() == before {
                let chosen = usize::try_from(random.below(6)).expect("small");
                if let Some(target) = READS.get(chosen) {
                    // The server retries the read itself.
                    let reply = shop.get(target).await;
                    assert_eq!(
                        reply.parts(),
                        expected[chosen].parts(),
                        "cut {before}: {target}"
                    );
                    continue;
                }
                let text = format!("cut-{}", new());
                let reply = ask_under_key(shop, &text).await;
                if reply.status != 201 {
                    assert_busy(&reply);
                    again += 1;
                    ask_until_stored(shop, &text).await;
                }
                posted.push(text);
            }
        }
        println!(
            "a6: {} cuts, {} posts, {again} of them sent again",
            proxy.cuts(),
            posted.len()
        );
        posted.sort();
        assert_eq!(stored(&past.url).await, posted);
    });
}
