//! The resource and the proxy, from environment variables.

use std::collections::BTreeMap;

use super::program::{atelier, ended, home};
use super::{
    Collector, ExportMetricsServiceRequest, METRICS, Message, Value, count_lines, read_log, server,
    values,
};

/// The resource attributes of the next export.
fn resource(collector: &Collector) -> BTreeMap<String, Value> {
    let body = &*collector.next(METRICS);
    let sent = ExportMetricsServiceRequest::decode(body).expect("metrics");
    let resource = sent.resource_metrics.into_iter().find_map(|of| of.resource);
    let attributes = resource.expect("a resource").attributes;
    let values = values(&attributes).into_iter();
    values
        .map(|(key, value)| (key.to_owned(), value.clone()))
        .collect()
}

#[test]
fn resource_attributes_follow_the_environment() {
    let text = |text: &str| Some(Value::StringValue(text.to_owned()));
    for (name, attributes, service, other) in [
        ("", "", "atelier", None),
        (
            "",
            "k8s.service.name=web",
            "atelier",
            Some(("k8s.service.name", "web")),
        ),
        (
            "",
            " service.name = shop%20one ,a=b%2Cc%3D",
            "shop one",
            Some(("a", "b,c=")),
        ),
        (
            "shop",
            "service.name=other,a=%C3%A9",
            "shop",
            Some(("a", "\u{e9}")),
        ),
        (" ", "service.name=,a=x", "atelier", Some(("a", "x"))),
        // One value that can't be decoded discards all attributes.
        ("", "service.name=other,a=%ff", "atelier", None),
    ] {
        let collector = Collector::new(|_| 200);
        let home = home();
        let environment = [
            ("OTEL_METRIC_EXPORT_INTERVAL", "20"),
            ("OTEL_SERVICE_NAME", name),
            ("OTEL_RESOURCE_ATTRIBUTES", attributes),
        ];
        let server = server(&home, &collector.endpoint, &environment);
        let resource = resource(&collector);
        assert_eq!(
            resource.get("service.name").cloned(),
            text(service),
            "{attributes}"
        );
        assert!(resource.contains_key("service.version"));
        assert!(resource.contains_key("telemetry.sdk.name"));
        match other {
            Some((key, value)) => assert_eq!(resource.get(key).cloned(), text(value)),
            None => assert!(!resource.contains_key("a"), "{resource:?}"),
        }
        server.stop("INT");
    }
}

#[test]
fn collector_in_no_proxy_is_connected_directly() {
    let collector = Collector::new(|_| 200);
    let port = collector.endpoint.rsplit(':').next().expect("a port");
    // The proxy is unreachable, so an export that arrives did not use it.
    for (no_proxy, proxy) in [
        (" localhost , 127.0.0.0/8 ".to_owned(), "HTTP_PROXY"),
        (format!("127.0.0.1:{port}"), "ALL_PROXY"),
        // The endpoint is not https.
        (String::new(), "HTTPS_PROXY"),
    ] {
        let home = home();
        let environment = [
            ("OTEL_METRIC_EXPORT_INTERVAL", "20"),
            (proxy, "http://127.0.0.1:1"),
            ("NO_PROXY", &no_proxy),
        ];
        let server = server(&home, &collector.endpoint, &environment);
        collector.next(METRICS);
        server.stop("INT");
        while collector.sent.try_recv().is_ok() {}
    }
}

#[test]
fn invalid_variables_are_logged_once_by_name() {
    let collector = Collector::new(|_| 200);
    let settings = [
        ("OTEL_SDK_DISABLED", "c4n4ryt0ken"),
        ("OTEL_TRACES_SAMPLER", "c4n4ryt0ken"),
        ("OTEL_TRACES_SAMPLER_ARG", "c4n4ryt0ken"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "1s"),
        ("OTEL_BSP_SCHEDULE_DELAY", "0"),
        ("OTEL_BSP_MAX_QUEUE_SIZE", "0"),
        ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "-1"),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "zstd"),
        ("OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", "c4n4ryt0ken"),
        (
            "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE",
            "c4n4ryt0ken",
        ),
    ];
    let exporters = [
        ("OTEL_METRICS_EXPORTER", "c4n4ryt0ken"),
        ("OTEL_TRACES_EXPORTER", "zipkin"),
    ];
    for invalid in [&settings[..], &exporters] {
        let home = home();
        server(&home, &collector.endpoint, invalid).stop("INT");
        for (name, _) in invalid {
            let quoted = format!("\"{name}\"");
            assert_eq!(
                count_lines(&home, &quoted),
                1,
                "{name}: {}",
                read_log(&home)
            );
        }
        assert!(
            !read_log(&home).contains("c4n4ryt0ken"),
            "{}",
            read_log(&home)
        );
    }
    let home = home();
    let valid = [
        ("OTEL_SDK_DISABLED", "FALSE"),
        ("OTEL_TRACES_SAMPLER", "parentbased_traceidratio"),
        ("OTEL_TRACES_SAMPLER_ARG", "0.01"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "1000"),
        ("OTEL_METRICS_EXPORTER", "otlp"),
        ("OTEL_TRACES_EXPORTER", "none"),
        ("OTEL_BSP_MAX_QUEUE_SIZE", ""),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "GZip"),
        ("OTEL_EXPORTER_OTLP_METRICS_COMPRESSION", "none"),
        ("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "Delta"),
    ];
    server(&home, &collector.endpoint, &valid).stop("INT");
    assert_eq!(count_lines(&home, "OTEL_"), 0, "{}", read_log(&home));
}

#[test]
fn endpoint_with_an_invalid_port_is_refused() {
    let home = home();
    let mut command = atelier(&home);
    let endpoint = "http://c4n4ryt0ken.example:70000";
    command.env("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint);
    // If it started, it would fail without a store.
    command.args([
        "--listen",
        "127.0.0.1:0",
        "--database-url",
        "sqlite:none/shop.db",
    ]);
    let (code, _, message) = ended(&mut command);
    assert_eq!(code, 2, "{message}");
    assert!(message.contains("OTEL_EXPORTER_OTLP_ENDPOINT"), "{message}");
    assert!(!message.contains("c4n4ryt0ken"), "{message}");
}
