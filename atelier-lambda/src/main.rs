//! `bootstrap`: the API as a Lambda function.

fn main() {}
