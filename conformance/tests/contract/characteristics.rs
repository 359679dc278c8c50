//! Characteristics in new reviews.

use atelier_conformance::cases;

use crate::{BAD_REVIEW, CREATED, add};

const LIST: &str = "/reviews?product_id=501&count=1000";
const FIGURES: &str = "/reviews/meta?product_id=501";

cases! {
    async fn characteristic_values_must_be_integers_from_1_to_5(shop: TestApp) {
        let before = (shop.get(LIST).await, shop.get(FIGURES).await);
        for value in [
            "0", "-0", "-1", "6", "100", "4.0", "4e0", "4.5", "\"4\"", "\"\"", "null", "true", "false", "[]", "[4]",
            "{}", "1e999", "9223372036854775808", "18446744073709551620", "99999999999999999999999999999999999",
        ] {
            for values in [
                format!(r#"{{"61":{value}}}"#), format!(r#"{{"61":4,"63":{value}}}"#),
                format!(r#"{{"62":{value},"63":4}}"#), format!(r#"{{"999":1,"62":{value}}}"#),
                format!(r#"{{"61":4,"61":{value}}}"#),
            ] {
                let reply = add(&shop, &[("product_id", "501"), ("characteristics", &values)]).await;
                assert_eq!(reply.parts(), BAD_REVIEW, "{values}");
            }
        }
        let after = (shop.get(LIST).await, shop.get(FIGURES).await);
        assert_eq!(after, before, "a refused review left something behind");
    }

    async fn characteristics_must_be_an_object(shop: TestApp) {
        for values in ["[]", "[4]", r#"[{"61":4}]"#, r#""61""#, r#""""#, "5", "0", "true", "false", "1e999"] {
            for product in ["501", "503"] {
                let reply = add(&shop, &[("product_id", product), ("characteristics", values)]).await;
                assert_eq!(reply.parts(), BAD_REVIEW, "{values} of {product}");
            }
        }
    }

    async fn characteristics_of_other_products_are_ignored(shop: TestApp) {
        let figures = |product: i64| format!("/reviews/meta?product_id={product}");
        let (of_502, of_507) = (shop.get(&figures(502)).await, shop.get(&figures(507)).await);
        let values = shop.get(FIGURES).await.json()["characteristics"].clone();
        for key in [
            "64", "66", "67", "1", "504", "0", "-61", "61.0", "6e1", "+61", " 61", "61 ", "Fit", "", "null",
            "\\u0661", "9223372036854775807", "9223372036854775808", "18446744073709551677", "4294967357",
            "99999999999999999999999999999999999999",
        ] {
            for value in [
                "1", "5", "0", "6", "-1", "4.0", "1e999", "\"x\"", "null", "true", "[]", "[[[5]]]", "{}",
                "99999999999999999999999999",
            ] {
                let values = format!(r#"{{"{key}":{value}}}"#);
                let reply = add(&shop, &[("product_id", "501"), ("characteristics", &values)]).await;
                assert_eq!(reply.parts(), CREATED, "{values}");
            }
        }
        assert_eq!(shop.get(FIGURES).await.json()["characteristics"], values);
        assert_eq!((shop.get(&figures(502)).await, shop.get(&figures(507)).await), (of_502, of_507));
    }

    async fn characteristic_values_are_counted(shop: TestApp) {
        for (values, fit, length, quality) in [
            (r#"{"61":1}"#, "3.0000000000000000", "null", "4.0000000000000000"),
            (r#"{"62":5,"64":1,"x":null}"#, "3.0000000000000000", "5.0000000000000000", "4.0000000000000000"),
            (r#"{"63":1,"62":2,"61":5}"#, "3.4000000000000000", "3.5000000000000000", "3.0000000000000000"),
            // The last of a repeated key counts.
            (r#"{"62":9,"62":1}"#, "3.4000000000000000", "2.6666666666666667", "3.0000000000000000"),
            (r#"{"62":5,"\u0036\u0032":4}"#, "3.4000000000000000", "3.0000000000000000", "3.0000000000000000"),
            ("{}", "3.4000000000000000", "3.0000000000000000", "3.0000000000000000"),
            ("null", "3.4000000000000000", "3.0000000000000000", "3.0000000000000000"),
        ] {
            let reply = add(&shop, &[("product_id", "501"), ("characteristics", values)]).await;
            assert_eq!(reply.parts(), CREATED, "{values}");
            let meta = shop.get(FIGURES).await.json();
            let of = |name: &str| meta["characteristics"][name]["value"].as_str().unwrap_or("null");
            assert_eq!([of("Fit"), of("Length"), of("Quality")], [fit, length, quality], "{values}");
        }
    }

    async fn many_characteristics_are_accepted(shop: TestApp) {
        let others: Vec<_> = (1_000..9_000).map(|id| format!(r#""{id}":5"#)).collect();
        let values = format!(r#"{{{},"61":1}}"#, others.join(","));
        let reply = add(&shop, &[("product_id", "501"), ("characteristics", &values)]).await;
        assert_eq!(reply.parts(), CREATED);
        let meta = shop.get(FIGURES).await.json();
        assert_eq!(meta["characteristics"]["Fit"]["value"], "3.0000000000000000");
    }
}
