-- Two roles for one party's database: the owner migrates its schema; a node may read, and may write only through the functions that keep the
-- journal's rules. A node can delete, truncate, update or alter nothing. Run it as an administrator of the server, in the party's database, before the
-- first migration; again at any time:
--     psql -v owner=alice_owner -v node=alice_node -d alice -f roles.sql
-- and give both a password with \password.

-- psql puts no variables into quoted text, so the block below is handed the names this way.
SELECT set_config('signer.owner', :'owner', false), set_config('signer.node', :'node', false);

DO $$
DECLARE
    owner text := current_setting('signer.owner');
    node text := current_setting('signer.node');
    role text;
BEGIN
    -- One server may be given several parties' roles at once, and roles are of the whole server.
    PERFORM pg_advisory_xact_lock(7236277319531);
    FOREACH role IN ARRAY ARRAY[owner, node] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) THEN
            EXECUTE format('CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION', role);
        END IF;
    END LOOP;
    -- The roles of one party cannot as much as connect to the database of another.
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I, %I', current_database(), owner, node);
END $$;

REVOKE CREATE ON SCHEMA public FROM PUBLIC;
CREATE SCHEMA IF NOT EXISTS signer AUTHORIZATION :"owner";
GRANT USAGE ON SCHEMA signer TO :"node";

-- What is there, and what later migrations make.
GRANT SELECT ON ALL TABLES IN SCHEMA signer TO :"node";
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA signer FROM PUBLIC;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA signer TO :"node";
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" IN SCHEMA signer GRANT SELECT ON TABLES TO :"node";
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" IN SCHEMA signer GRANT EXECUTE ON FUNCTIONS TO :"node";
