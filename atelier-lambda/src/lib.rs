//! Atelier as a Lambda function.
