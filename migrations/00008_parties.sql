-- Somebody who signs up may bring others: they take places, and their hours count for the organization.
-- +goose Up

ALTER TABLE opportunities ADD COLUMN party_max integer NOT NULL DEFAULT 1 CONSTRAINT opportunities_party_max_check CHECK (party_max BETWEEN 1 AND 50);
COMMENT ON COLUMN opportunities.party_max IS 'How many may come on one sign-up, whoever signs up included; 1: everybody signs up for themselves.';

ALTER TABLE sign_up_requests ADD COLUMN party integer NOT NULL DEFAULT 1 CONSTRAINT sign_up_requests_party_check CHECK (party BETWEEN 1 AND 50);

ALTER TABLE sign_ups ADD COLUMN party integer NOT NULL DEFAULT 1 CONSTRAINT sign_ups_party_check CHECK (party BETWEEN 1 AND 50),
    ALTER COLUMN over DROP DEFAULT,
    ALTER COLUMN over TYPE integer USING over::integer,
    ALTER COLUMN over SET DEFAULT 0,
    ADD CONSTRAINT sign_ups_over_check CHECK (over BETWEEN 0 AND party),
    ADD COLUMN was_party integer NOT NULL DEFAULT 0,
    ADD COLUMN counted_at timestamptz;
COMMENT ON COLUMN sign_ups.party IS 'How many come, the person included: so many places it takes.';
COMMENT ON COLUMN sign_ups.was_party IS 'party before the check-in, for undo; 0: not checked in.';
COMMENT ON COLUMN sign_ups.counted_at IS 'When the door counted who came: an older note does not change the number.';
COMMENT ON COLUMN sign_ups.over IS 'How many of the party staff let in beyond the places.';

-- What a job should have settled and did not is looked for every hour.
CREATE INDEX sign_ups_hold_until_idx ON sign_ups (org_id, hold_until) WHERE hold_until IS NOT NULL;
CREATE INDEX shifts_waiting_idx ON shifts (org_id, closes_at) WHERE waiting > 0;

ALTER TABLE volunteer_hours ADD COLUMN people integer NOT NULL DEFAULT 1 CONSTRAINT volunteer_hours_people_check CHECK (people BETWEEN 1 AND 50);
COMMENT ON COLUMN volunteer_hours.people IS 'How many gave the minutes, each of them, the person included. Totals of the organization count all of them, those of the person their own.';

-- +goose Down
SELECT 'migrations only go forward';
