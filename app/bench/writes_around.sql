-- What a request stores and reads around its donation: who asks, the idempotency key, the organization.
\set key random(1, 9000000000000000000)
select login_id, operator, csrf_token, last_seen_at, expires_at, org_id, role from session_actor(sha256('{cookie}'), 'bench-1')
;
begin
;
select set_config('app.org_id', '{org}', true), set_config('synchronous_commit', 'off', true)
;
insert into idempotency_keys (org_id, key, operation, actor_id, body_hash, created_at, locked_until)
    values ('{org}', 'p' || :key, 'record-donation', '{org}', sha256('x'), now(), now() + interval '2 minutes')
    on conflict (org_id, operation, key) do nothing
;
commit
;
select * from organizations where id = '{org}'
;
begin
;
select set_config('app.org_id', '{org}', true)
;
update idempotency_keys set status = 201, headers = '{"Content-Type":"application/json"}', body = convert_to(repeat('x', 900), 'UTF8')
    where org_id = '{org}' and operation = 'record-donation' and key = 'p' || :key
;
commit
;
