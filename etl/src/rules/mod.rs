pub(crate) mod constraints;
pub(crate) mod dates;
pub(crate) mod numbers;
pub(crate) mod outcome;
pub(crate) mod prices;
pub(crate) mod row;
pub(crate) mod validator;
pub(crate) mod values;
