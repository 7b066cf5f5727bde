-- $1 entries of the registry of charities.
INSERT INTO registry_entries (ein, name, sort_name, city, state, zip, subsection, deductibility, status, source, row_hash, created_at, updated_at)
SELECT lpad((100000000 + i * 7)::text, 9, '0'), upper(pg_temp.last_name(pg_temp.pick(i, 61, 400)) || ' ' || pg_temp.last_name(pg_temp.pick(i, 62, 400))) ||
    (ARRAY[' FOUNDATION', ' TRUST', ' FRIENDS', ' SOCIETY'])[i % 4 + 1], '', 'RIVERBEND', 'NY', '10001', '03', '1', '01', 'bench', decode(md5(i::text), 'hex'), '2026-01-01Z', '2026-01-01Z'
FROM generate_series(1, $1::bigint) i
ON CONFLICT DO NOTHING
