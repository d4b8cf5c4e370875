-- What the nodes of one party share beside the journal: public groups and sealed seats.
CREATE TABLE signer.document (
    kind    text  COLLATE "C" NOT NULL CHECK (kind IN ('group', 'seat')),
    name    text  COLLATE "C" NOT NULL CHECK (name ~ '^[a-z0-9._-]{1,200}$'),
    content bytea NOT NULL,
    PRIMARY KEY (kind, name)
);

CREATE FUNCTION signer.create_document(kind text, name text, content bytea) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF current_setting('synchronous_commit') = 'off' THEN
        PERFORM set_config('synchronous_commit', 'on', true);
    END IF;
    INSERT INTO signer.document (kind, name, content) VALUES (create_document.kind, create_document.name, create_document.content) ON CONFLICT DO NOTHING;
    RETURN FOUND;
END $$;

CREATE FUNCTION signer.replace_document(kind text, name text, content bytea, expected bytea) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF current_setting('synchronous_commit') = 'off' THEN
        PERFORM set_config('synchronous_commit', 'on', true);
    END IF;
    UPDATE signer.document AS document SET content = replace_document.content
    WHERE document.kind = replace_document.kind AND document.name = replace_document.name AND document.content = replace_document.expected;
    RETURN FOUND;
END $$;
