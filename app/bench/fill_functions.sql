-- Everything is computed from an organization's ordinal, a row's number and a salt, so that every run makes the same rows.
CREATE FUNCTION pg_temp.pick(i bigint, salt bigint, n bigint) RETURNS bigint IMMUTABLE LANGUAGE sql
AS 'SELECT (((hashint8extended(i, salt) % n) + n) % n)';

-- uuid7 carries the millisecond of at, so that keys arrive in the order of time, as those made in Go do.
CREATE FUNCTION pg_temp.uuid7(at timestamptz, name text) RETURNS uuid STABLE LANGUAGE sql
AS $$SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || overlay(substr(md5(name), 1, 19) placing '8' FROM 4 FOR 1))::uuid$$;

CREATE FUNCTION pg_temp.first_name(i bigint) RETURNS text IMMUTABLE LANGUAGE sql
AS $$SELECT ('{Ada,Ben,Chidi,Dana,Elif,Farid,Grace,Hana,Ines,Jonas,Keiko,Liam,Mara,Noor,Omar,Pia,Quinn,Rosa,Sam,Tess,Uma,Vera,Will,Xenia,Yara,Zoe}'::text[])[i % 26 + 1]$$;

CREATE FUNCTION pg_temp.last_name(i bigint) RETURNS text IMMUTABLE LANGUAGE sql
AS $$SELECT ('{Ash,Black,Clay,Dun,East,Fair,Green,Hart,Iron,Kirk,Lake,Marsh,North,Oak,Penn,Ridge,Stone,Thorn,Wald,York}'::text[])[i % 20 + 1]
    || ('{berg,bourne,by,cliff,croft,dale,field,ford,gate,ham,hurst,ley,man,mont,more,son,stead,ton,ward,worth}'::text[])[i / 20 % 20 + 1]$$;

CREATE FUNCTION pg_temp.person_at(p bigint, people bigint) RETURNS timestamptz STABLE LANGUAGE sql
AS $$SELECT timestamptz '2021-11-22 00:00Z' + p * (interval '1800 days' / people)$$;

CREATE FUNCTION pg_temp.campaign_at(c bigint) RETURNS timestamptz STABLE LANGUAGE sql
AS $$SELECT timestamptz '2021-11-22 09:00Z' + c * interval '200 days'$$;
