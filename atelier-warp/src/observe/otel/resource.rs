//! The OpenTelemetry resource: attributes that name the sender of spans and metrics.

use opentelemetry::{Key, KeyValue, Value};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::resource::{
    EnvResourceDetector, ResourceDetector, TelemetryResourceDetector,
};
use percent_encoding::percent_decode_str;

use super::environment::variable;

const SERVICE_NAME: &str = "service.name";

/// Reads the resource from the environment. `OTEL_SERVICE_NAME` has precedence over the `service.name` of
/// `OTEL_RESOURCE_ATTRIBUTES`, and that over `atelier`. The SDK's default builder applies the opposite order, and does not
/// decode values.
pub(super) fn from_environment() -> Resource {
    let attributes = decoded(&EnvResourceDetector::new().detect());
    let named = attributes
        .iter()
        .find(|attribute| attribute.key.as_str() == SERVICE_NAME);
    let named = named.map(|attribute| attribute.value.clone());
    let named = named.filter(|name| !name.as_str().is_empty());
    let name = variable("OTEL_SERVICE_NAME").map(Value::from).or(named);
    Resource::builder_empty()
        .with_detector(Box::new(TelemetryResourceDetector))
        .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        .with_attributes(attributes)
        .with_service_name(name.unwrap_or_else(|| "atelier".into()))
        .build()
}

/// Percent-decodes all attributes. If one can't be decoded, all are discarded, as the specification requires.
fn decoded(detected: &Resource) -> Vec<KeyValue> {
    let decode = |text: &str| {
        let text = percent_decode_str(text).decode_utf8().ok()?;
        Some(text.into_owned())
    };
    let attribute = |(key, value): (&Key, &Value)| {
        Some(KeyValue::new(
            decode(key.as_str())?,
            decode(&value.as_str())?,
        ))
    };
    let all: Option<Vec<_>> = detected.iter().map(attribute).collect();
    all.unwrap_or_else(|| {
        tracing::warn!(
            variable = "OTEL_RESOURCE_ATTRIBUTES",
            "not percent-encoded UTF-8: all attributes are discarded"
        );
        vec![]
    })
}
