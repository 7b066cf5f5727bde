-- Mails to people who are not known yet, found by address when one of them asks to be forgotten.
-- +goose Up

CREATE INDEX messages_to_email_idx ON messages (org_id, lower(to_email)) WHERE person_id IS NULL;

-- +goose Down
SELECT 'migrations only go forward';
