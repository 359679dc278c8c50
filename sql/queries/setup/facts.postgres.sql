-- Version, encoding, default_transaction_read_only and recovery state of the server; the connection limits of the role,
-- of the database and of the server, or null.
select
    current_setting('server_version_num')::int,
    pg_encoding_to_char(d.encoding),
    current_setting('default_transaction_read_only')::boolean,
    pg_is_in_recovery(),
    case when r.rolconnlimit >= 0 and not r.rolsuper then r.rolconnlimit end::bigint,
    case when d.datconnlimit >= 0 and not r.rolsuper then d.datconnlimit end::bigint,
    current_setting('max_connections')::bigint
        - case when r.rolsuper then 0 else current_setting('superuser_reserved_connections')::bigint end
from pg_database d, pg_roles r
where d.datname = current_database() and r.rolname = session_user
