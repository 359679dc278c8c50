-- What was changed, for the servers that share this database: each writes down what was changed through it, and asks
-- now and then what the others wrote. Rows live for some minutes. Which of them somebody has seen is told by the
-- transaction that wrote them and a snapshot, for they become visible in another order than they were numbered in.
create table changes (
  tx xid8 not null default pg_current_xact_id(),
  -- Which server, by a number that it drew at its start; 0 is a load.
  origin bigint not null,
  -- 0 everything, 1 the reviews of a product, 2 its questions, 3 the answers to a question.
  kind bigint not null,
  -- The id of that product or question.
  subject bigint not null,
  at bigint not null default (extract(epoch from clock_timestamp()) * 1000)::bigint,
  primary key (tx, origin, kind, subject)
);
