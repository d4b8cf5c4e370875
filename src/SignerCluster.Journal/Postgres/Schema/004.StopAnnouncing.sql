-- Nobody listens any more for entities that close: the actor that ends tells those who wait.
DROP FUNCTION signer.append_batch(
    text[], text[], bigint[], integer[], boolean[], boolean[], text[], bigint[], integer[], integer[], integer[], integer[], text[], bytea[]);

-- Writes appends in the order given; each is judged after the ones before it and refused alone. The first nine arrays have one element per append,
-- the last four one per entry: the number of its append from 1, its place in it from 1, its manifest and its message.
-- Returns two numbers per append: 0 and the new version; 1 and the actual version of a conflict; 2 and the active key epoch for one that is stale.
CREATE FUNCTION signer.append_batch(
    ids text[], kinds text[], expected bigint[], lengths integer[], opens boolean[], writers text[], created bigint[], epochs integer[], activated integer[],
    owners integer[], places integer[], manifests text[], messages bytea[])
RETURNS bigint[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    head signer.journal_head%ROWTYPE;
    found_head signer.journal_head%ROWTYPE;
    is_current boolean;
    actual bigint;
    -- The ordering before the first entry of each append; -1 for one that is refused.
    bases bigint[] := array_fill(-1::bigint, ARRAY[cardinality(ids)]);
    answer bigint[] := array_fill(0::bigint, ARRAY[2 * cardinality(ids)]);
BEGIN
    SELECT 1, locked.last_ordering, locked.key_epoch INTO head FROM signer.lock_head() AS locked;
    found_head := head;
    FOR i IN 1 .. cardinality(ids) LOOP
        is_current := epochs[i] = 0 OR epochs[i] = head.key_epoch;
        -- Compares and moves the version in one statement. Rows of an entity that is not known are what is left of one, and not to be written among.
        IF NOT is_current THEN
            NULL;
        ELSIF expected[i] > 0 THEN
            UPDATE signer.entity SET version = version + lengths[i], is_open = opens[i] WHERE persistence_id = ids[i] AND version = expected[i];
        ELSE
            INSERT INTO signer.entity (persistence_id, first_ordering, kind, version, is_open)
            SELECT ids[i], head.last_ordering + 1, kinds[i], lengths[i], opens[i]
            WHERE NOT EXISTS (SELECT FROM signer.journal WHERE persistence_id = ids[i]) ON CONFLICT (persistence_id) DO NOTHING;
        END IF;
        IF NOT is_current OR NOT FOUND THEN
            SELECT version INTO actual FROM signer.entity WHERE persistence_id = ids[i];
            actual := coalesce(actual, 0);
            IF is_current OR actual <> expected[i] THEN
                answer[2 * i - 1] := 1;
                answer[2 * i] := actual;
            ELSE
                answer[2 * i - 1] := 2;
                answer[2 * i] := head.key_epoch;
            END IF;
            CONTINUE;
        END IF;
        bases[i] := head.last_ordering;
        answer[2 * i] := expected[i] + lengths[i];
        head.last_ordering := head.last_ordering + lengths[i];
        head.key_epoch := greatest(head.key_epoch, activated[i]);
    END LOOP;
    INSERT INTO signer.journal (ordering, persistence_id, sequence_number, manifest, message, writer_uuid, created, key_epoch)
    SELECT bases[entry.owner] + entry.place, ids[entry.owner], expected[entry.owner] + entry.place, entry.manifest, entry.message,
        writers[entry.owner], append_batch.created[entry.owner], epochs[entry.owner]
    FROM unnest(owners, places, manifests, messages) AS entry (owner, place, manifest, message)
    WHERE bases[entry.owner] >= 0;
    IF head <> found_head THEN
        UPDATE signer.journal_head SET last_ordering = head.last_ordering, key_epoch = head.key_epoch WHERE one = 1;
    END IF;
    RETURN answer;
END $$;
