-- One organization with its team, causes, funds and campaigns. $1 ordinal, $2 its id, $3 the login that owns it.
WITH org AS (
    INSERT INTO organizations (id, kind, slug, name, legal_name, created_at, updated_at)
    VALUES ($2, 'nonprofit', 'bench-' || $1::int, 'Bench ' || $1::int, 'Bench ' || $1::int || ' Inc.', '2021-11-22Z', '2021-11-22Z')
    RETURNING id
), team AS (
    INSERT INTO memberships (org_id, login_id, role, created_at) SELECT id, $3::uuid, 'owner', '2021-11-22Z' FROM org
), made AS (
    INSERT INTO causes (org_id, id, slug, name, status, created_at, updated_at)
    SELECT id, pg_temp.uuid7('2021-11-22Z', $1::int || ':cause:' || c), 'cause-' || c, 'Cause ' || c, 'published', '2021-11-22Z', '2021-11-22Z'
    FROM org, generate_series(0, 2) c
    RETURNING org_id, id, name
), purse AS (
    INSERT INTO funds (org_id, id, cause_id, code, name, restriction, created_at, updated_at)
    SELECT org_id, pg_temp.uuid7('2021-11-22Z', $1::int || ':fund:' || right(name, 1)), id, 'F' || right(name, 1), 'Fund ' || right(name, 1), 'purpose',
        '2021-11-22Z', '2021-11-22Z'
    FROM made
)
INSERT INTO campaigns (org_id, id, cause_id, fund_id, slug, title, summary, story, goal_minor, goal_currency, suggested_minor, default_minor, status,
    published_at, created_at, updated_at)
SELECT org.id, pg_temp.uuid7(pg_temp.campaign_at(c), $1::int || ':campaign:' || c), pg_temp.uuid7('2021-11-22Z', $1::int || ':cause:' || c % 3),
    pg_temp.uuid7('2021-11-22Z', $1::int || ':fund:' || c % 3), 'campaign-' || c, 'Campaign ' || c, 'What campaign ' || c || ' is for.',
    repeat('A paragraph of the story, as long as such paragraphs are. ', 20), 5000000, 'USD', '{2500,5000,10000,25000}', 5000, 'live',
    pg_temp.campaign_at(c), pg_temp.campaign_at(c), pg_temp.campaign_at(c)
FROM org, generate_series(0, 8) c
