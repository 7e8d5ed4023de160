-- The users of the database, one for each part, each with a password of its own (SCRAM).
--
-- Run by psql as the owner (a superuser, or CREATEROLE), before the first `tell-once migrate`; again
-- to change passwords. They are read from files, the folder of which is the environment's SECRETS.
-- What each role may do the migrations say; `tell_once_portal` is the portal's, whose pages act as
-- two of them.
SET password_encryption = 'scram-sha-256';
-- No password in a log. Only a superuser may say so: elsewhere see to it before.
\set ON_ERROR_STOP off
SET log_statement = 'none';
SET log_min_error_statement = 'panic';
\set ON_ERROR_STOP on

SELECT format('CREATE ROLE %I LOGIN', name)
FROM unnest(ARRAY[
    'tell_once_app', 'tell_once_aggregation', 'tell_once_relay', 'tell_once_connectors',
    'tell_once_own', 'tell_once_health_visiting', 'tell_once_portal',
    'tell_once_directory', 'tell_once_directory_feeds'
]) AS wanted (name)
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name)
\gexec
GRANT tell_once_app, tell_once_connectors TO tell_once_portal;
-- What is an agency's own belongs to that role: an owner who is no superuser makes it in its name.
GRANT tell_once_health_visiting TO CURRENT_USER;

\set aggregation `cat "$SECRETS/aggregation_password"`
\set relay `cat "$SECRETS/relay_password"`
\set connectors `cat "$SECRETS/connectors_password"`
\set own `cat "$SECRETS/own_password"`
\set directory `cat "$SECRETS/directory_password"`
\set directory_feeds `cat "$SECRETS/directory_feeds_password"`
\set portal `cat "$SECRETS/portal_password"`
ALTER ROLE tell_once_aggregation PASSWORD :'aggregation';
ALTER ROLE tell_once_relay PASSWORD :'relay';
ALTER ROLE tell_once_connectors PASSWORD :'connectors';
ALTER ROLE tell_once_own PASSWORD :'own';
ALTER ROLE tell_once_directory PASSWORD :'directory';
ALTER ROLE tell_once_directory_feeds PASSWORD :'directory_feeds';
ALTER ROLE tell_once_portal PASSWORD :'portal';
