-- $1 ordinal, $2 organization, $3 number of its people.
WITH made AS (
    INSERT INTO people (org_id, id, first_name, last_name, email, email_normalized, city, region, country, created_at, updated_at)
    SELECT $2, pg_temp.uuid7(at, $1::int || ':person:' || p), first, last, email, email, 'Riverbend', 'NY', 'US', at, at
    FROM (
        SELECT p, pg_temp.person_at(p, $3::bigint) AS at, pg_temp.first_name(pg_temp.pick(p, 41, 26)) AS first, pg_temp.last_name(pg_temp.pick(p, 42, 400)) AS last,
            lower(pg_temp.first_name(pg_temp.pick(p, 41, 26)) || '.' || p || '@' || pg_temp.last_name(pg_temp.pick(p, 42, 400)) || '.example') AS email
        FROM generate_series(0, $3::bigint - 1) p
    ) someone
    RETURNING org_id, id, created_at
)
INSERT INTO consents (org_id, id, person_id, channel, granted, source, at)
SELECT org_id, pg_temp.uuid7(created_at, 'consent:' || id), id, 'email', pg_temp.pick(hashtextextended(id::text, 0), 43, 2) = 0, 'giving_page', created_at
FROM made
