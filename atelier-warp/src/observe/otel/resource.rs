//! Who sends spans and metrics: the attributes of the OpenTelemetry resource.

use opentelemetry::{Key, KeyValue, Value};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::resource::{
    EnvResourceDetector, ResourceDetector, TelemetryResourceDetector,
};
use percent_encoding::percent_decode_str;

use super::variables::variable;

const SERVICE_NAME: &str = "service.name";

/// The resource that the environment names: `OTEL_SERVICE_NAME` wins over the `service.name` of
/// `OTEL_RESOURCE_ATTRIBUTES`, and that over `atelier`. The SDK's default builder has it the other way round, and leaves
/// the values encoded.
pub(super) fn from_environment() -> Resource {
    let attributes = attributes(&EnvResourceDetector::new().detect());
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

/// The attributes of `detected`, percent-decoded; none where one of them can't be decoded, as the specification has it.
fn attributes(detected: &Resource) -> Vec<KeyValue> {
    let decoded = |text: &str| {
        let text = percent_decode_str(text).decode_utf8().ok()?;
        Some(text.into_owned())
    };
    let attribute = |(key, value): (&Key, &Value)| {
        Some(KeyValue::new(
            decoded(key.as_str())?,
            decoded(&value.as_str())?,
        ))
    };
    let all: Option<Vec<_>> = detected.iter().map(attribute).collect();
    all.unwrap_or_else(|| {
        tracing::warn!("OTEL_RESOURCE_ATTRIBUTES is not percent-encoded UTF-8: none of it is sent");
        vec![]
    })
}
