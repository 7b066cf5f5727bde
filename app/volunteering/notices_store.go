package volunteering

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"tributary/app/platform/database"
	"tributary/domain/id"
	"tributary/domain/volunteer"
)

// notice is what one job needs to know of a notice.
type notice struct {
	volunteer.Notice
	items    map[id.ID[volunteer.Shift]]volunteer.NoticeItem
	people   []uuid.UUID // in the order of their ids
	to       map[uuid.UUID]recipient
	entries  map[uuid.UUID][]entry // by time
	overlaps map[id.ID[volunteer.SignUp]]string
}

// noticeFor reads a notice and the next people whom it concerns.
func noticeFor(ctx context.Context, tx database.Tx, j volunteer.TellChange, limit int) (notice, error) {
	n := notice{items: map[id.ID[volunteer.Shift]]volunteer.NoticeItem{}, entries: map[uuid.UUID][]entry{}}
	if err := tx.Gorm(ctx).Where("id = ?", j.NoticeID).Take(&n.Notice).Error; err != nil {
		return n, fmt.Errorf("find notice %s: %w", j.NoticeID, err)
	}
	var signUps []volunteer.SignUp
	err := tx.Gorm(ctx).Raw(`with concerned as (
			select u.* from shift_notice_items i cross join lateral unnest(i.sign_up_ids) t (id) join sign_ups u on u.org_id = i.org_id and u.id = t.id::uuid
			where i.notice_id = ? and u.person_id > ?)
		select * from concerned where person_id in (select distinct person_id from concerned order by person_id limit ?)`, j.NoticeID, j.After, limit).
		Scan(&signUps).Error
	if err != nil {
		return n, fmt.Errorf("list whom notice %s concerns: %w", j.NoticeID, err)
	}
	entries, err := withShifts(ctx, tx, signUps)
	if err != nil {
		return n, err
	}
	var moved []id.ID[volunteer.SignUp]
	var shifts []id.ID[volunteer.Shift]
	for _, e := range entries {
		if n.entries[*e.SignUp.PersonID] == nil {
			n.people = append(n.people, *e.SignUp.PersonID)
		}
		n.entries[*e.SignUp.PersonID] = append(n.entries[*e.SignUp.PersonID], e)
		shifts = append(shifts, e.Shift.ID)
	}
	slices.SortFunc(n.people, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	var items []volunteer.NoticeItem
	err = tx.Gorm(ctx).Omit("sign_up_ids").Where("notice_id = ? and shift_id = any(?)", j.NoticeID, database.Array(shifts)).Find(&items).Error
	if err != nil {
		return n, fmt.Errorf("list items of notice %s: %w", j.NoticeID, err)
	}
	for _, i := range items {
		n.items[i.ShiftID] = i
	}
	for _, e := range entries {
		if movedIn(n.items[e.Shift.ID]) {
			moved = append(moved, e.SignUp.ID)
		}
	}
	if n.overlaps, err = overlapsOf(ctx, tx, moved); err != nil {
		return n, err
	}
	n.to, err = recipientsOf(ctx, tx, n.people)
	return n, err
}

// overlap is another shift of a sign-up's person at the same time.
type overlap struct {
	SignUpID id.ID[volunteer.SignUp]
	ShiftID  id.ID[volunteer.Shift]
}

// overlapsOf says, of sign-ups with a place, which other shift their person has a place in at the same time.
func overlapsOf(ctx context.Context, r database.Reader, signUps []id.ID[volunteer.SignUp]) (map[id.ID[volunteer.SignUp]]string, error) {
	found := map[id.ID[volunteer.SignUp]]string{}
	if len(signUps) == 0 {
		return found, nil
	}
	var rows []overlap
	err := r.Gorm(ctx).Raw(`select u.id as sign_up_id, s2.id as shift_id from sign_ups u
		join shifts s on s.org_id = u.org_id and s.id = u.shift_id
		join sign_ups u2 on u2.org_id = u.org_id and u2.person_id = u.person_id and u2.id <> u.id and u2.status in ('confirmed', 'offered', 'in')
		join shifts s2 on s2.org_id = u2.org_id and s2.id = u2.shift_id and s2.status = 'open' and s2.starts_at < s.ends_at and s.starts_at < s2.ends_at
		where u.id = any(?) and u.status in ('confirmed', 'offered', 'in') and s.status = 'open'`, database.Array(signUps)).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list overlapping shifts: %w", err)
	}
	shifts := make([]id.ID[volunteer.Shift], len(rows))
	for i, row := range rows {
		shifts[i] = row.ShiftID
	}
	others, err := shiftsWithOffers(ctx, r, shifts)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(rows, func(a, b overlap) int {
		return cmp.Or(others[a.ShiftID].Shift.StartsAt.Compare(others[b.ShiftID].Shift.StartsAt), cmp.Compare(a.ShiftID.String(), b.ShiftID.String()))
	})
	for _, row := range rows {
		other := others[row.ShiftID]
		text := "“" + shiftTitle(other.Shift, other.Offer) + "”, " + span(other.Shift)
		if before := found[row.SignUpID]; before != "" {
			text = before + ", and " + text
		}
		found[row.SignUpID] = text
	}
	return found, nil
}
