package volunteering

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"tributary/app/platform/database"
	"tributary/domain/id"
	"tributary/domain/volunteer"
)

// requestsOf lists the sign-up requests that a person confirmed, or that somebody made with their address and did not confirm.
func requestsOf(ctx context.Context, r database.Reader, who uuid.UUID) (requests []uuid.UUID, err error) {
	err = r.Gorm(ctx).Raw(`select id from sign_up_requests where person_id = ?
		union select q.id from sign_up_requests q join people p on p.org_id = q.org_id and p.email_normalized = q.email_normalized
		where p.id = ? and q.confirmed_at is null`, who, who).Scan(&requests).Error
	if err != nil {
		return nil, fmt.Errorf("list sign-up requests: %w", err)
	}
	return requests, nil
}

// unconfirmedHelpOf lists the offers of help that somebody made with the address of a person and did not confirm.
func unconfirmedHelpOf(ctx context.Context, r database.Reader, who uuid.UUID) (offers []uuid.UUID, err error) {
	err = r.Gorm(ctx).Raw(`select o.id from offers_of_help o join people p on p.org_id = o.org_id and p.email_normalized = o.email_normalized
		where p.id = ? and o.status = 'unconfirmed'`, who).Scan(&offers).Error
	if err != nil {
		return nil, fmt.Errorf("list unconfirmed offers of help: %w", err)
	}
	return offers, nil
}

// shiftsToErase lists the shifts in which a person has a place or waits for one, or a place is held for one of their requests.
func shiftsToErase(ctx context.Context, r database.Reader, who uuid.UUID, requests []uuid.UUID) (shifts []id.ID[volunteer.Shift], err error) {
	err = r.Gorm(ctx).Raw(`select distinct shift_id from sign_ups
		where status in ('held', 'confirmed', 'offered', 'waiting') and (person_id = ? or request_id = any(?))`, who, database.Array(requests)).Scan(&shifts).Error
	if err != nil {
		return nil, fmt.Errorf("list shifts of a person: %w", err)
	}
	return shifts, nil
}

// eraseVolunteer deletes what is only about a person, and empties what was written about them on what stays.
func eraseVolunteer(ctx context.Context, tx database.Tx, who uuid.UUID, requests []uuid.UUID) error {
	for _, erase := range []struct {
		sql string
		arg any
	}{
		{`delete from credentials where person_id = $1`, who},
		{`delete from volunteers where person_id = $1`, who},
		{`delete from sign_up_requests where id = any($1)`, requests},
		{`update sign_ups set override_note = '', end_reason = '', no_show_note = '' where person_id = $1`, who},
		{`update volunteer_hours set note = '', reason = '' where person_id = $1`, who},
		{`delete from cover_asks where person_id = $1 and answer = 'asked'`, who},
		{`delete from offers_of_help o using people p where p.id = $1 and o.org_id = p.org_id and o.status = 'unconfirmed' and o.email_normalized = p.email_normalized`, who},
		{`delete from offers_of_help where person_id = $1 and status = 'open'`, who},
		{`update offers_of_help set token_hash = null, first_name = '', last_name = '', email = '', email_normalized = '', phone = '', skills = '{}', interests = '{}',
			availability = 0, message = '' where person_id = $1`, who},
		{`update cover_asks set reasons = '{}' where person_id = $1`, who},
	} {
		if _, err := tx.Exec(ctx, erase.sql, erase.arg); err != nil {
			return fmt.Errorf("erase a volunteer: %w", err)
		}
	}
	return nil
}
