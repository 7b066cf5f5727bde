package volunteering

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"

	"tributary/app/platform/database"
	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/person"
	"tributary/domain/volunteer"
)

// RosterLine is a sign-up as staff see it: whose it is.
type RosterLine struct {
	volunteer.SignUp
	Position      int            // on the waitlist, from 1; 0: not on it
	Person        *person.Person // nil while the place is only held
	RequestedName string         // of who chose a place that is still held
}

// rosterOf reads everybody on a shift in the order in which they came; all says whether those whose sign-up ended are among them.
func rosterOf(ctx context.Context, r database.Reader, shift id.ID[volunteer.Shift], all bool) ([]RosterLine, error) {
	q := gorm.G[volunteer.SignUp](r.Gorm(ctx)).Where("shift_id = ?", shift)
	if !all {
		q = q.Where("status = any(?)", database.Array(volunteer.ActiveStatuses))
	}
	rows, err := q.Order("rank, id").Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("list roster: %w", err)
	}
	return rosterLinesOf(ctx, r, rows)
}

// rosterLine reads one sign-up as staff see it.
func rosterLine(ctx context.Context, r database.Reader, of id.ID[volunteer.SignUp]) (RosterLine, error) {
	u, err := shiftOf(ctx, r, of)
	if err != nil {
		return RosterLine{}, err
	}
	lines, err := rosterLinesOf(ctx, r, []volunteer.SignUp{u})
	if err != nil {
		return RosterLine{}, err
	}
	return lines[0], nil
}

func rosterLinesOf(ctx context.Context, r database.Reader, rows []volunteer.SignUp) ([]RosterLine, error) {
	var who, requests []uuid.UUID
	for _, u := range rows {
		switch {
		case u.PersonID != nil:
			who = append(who, *u.PersonID)
		case u.RequestID != nil:
			requests = append(requests, *u.RequestID)
		}
	}
	people, err := peopleOf(ctx, r, who)
	if err != nil {
		return nil, err
	}
	names, err := requestersOf(ctx, r, requests)
	if err != nil {
		return nil, err
	}
	positions, err := positionsOf(ctx, r, rows)
	if err != nil {
		return nil, err
	}
	lines := make([]RosterLine, len(rows))
	for i, u := range rows {
		lines[i] = RosterLine{SignUp: u, Position: positions[u.ID]}
		if u.PersonID != nil {
			p := people[*u.PersonID]
			lines[i].Person = &p
		} else if u.RequestID != nil {
			lines[i].RequestedName = names[*u.RequestID]
		}
	}
	return lines, nil
}

// requestersOf reads how those call themselves who made requests.
func requestersOf(ctx context.Context, r database.Reader, requests []uuid.UUID) (map[uuid.UUID]string, error) {
	names := map[uuid.UUID]string{}
	if len(requests) == 0 {
		return names, nil
	}
	rows, err := gorm.G[volunteer.Request](r.Gorm(ctx)).Where("id = any(?)", database.Array(requests)).Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("list requests: %w", err)
	}
	for _, q := range rows {
		names[q.ID.UUID] = person.Person{FirstName: q.FirstName, LastName: q.LastName}.DisplayName()
	}
	return names, nil
}

// positionsOf reads the places in line of those sign-ups that wait.
func positionsOf(ctx context.Context, r database.Reader, signUps []volunteer.SignUp) (map[id.ID[volunteer.SignUp]]int, error) {
	positions := map[id.ID[volunteer.SignUp]]int{}
	var waiting []id.ID[volunteer.SignUp]
	for _, u := range signUps {
		if u.Status == volunteer.Waiting {
			waiting = append(waiting, u.ID)
		}
	}
	if len(waiting) == 0 {
		return positions, nil
	}
	var rows []struct {
		ID       id.ID[volunteer.SignUp]
		Position int
	}
	err := r.Gorm(ctx).Raw(`select id, position from (
			select id, row_number() over (partition by shift_id order by rank) as position from sign_ups
			where status = 'waiting' and shift_id in (select shift_id from sign_ups where id = any($1))) line
		where id = any($1)`, database.Array(waiting)).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("count places in line: %w", err)
	}
	for _, row := range rows {
		positions[row.ID] = row.Position
	}
	return positions, nil
}

// signUpLine reads one sign-up with what it is for.
func signUpLine(ctx context.Context, r database.Reader, of id.ID[volunteer.SignUp]) (SignUpLine, error) {
	u, err := shiftOf(ctx, r, of)
	if err != nil {
		return SignUpLine{}, err
	}
	lines, err := signUpLinesOf(ctx, r, []volunteer.SignUp{u})
	if err != nil {
		return SignUpLine{}, err
	}
	return lines[0], nil
}

// signUpLinesOf adds to sign-ups what they are for.
func signUpLinesOf(ctx context.Context, r database.Reader, rows []volunteer.SignUp) ([]SignUpLine, error) {
	shifts := make([]id.ID[volunteer.Shift], len(rows))
	for i, u := range rows {
		shifts[i] = u.ShiftID
	}
	at, err := occasionsOf(ctx, r, shifts)
	if err != nil {
		return nil, err
	}
	positions, err := positionsOf(ctx, r, rows)
	if err != nil {
		return nil, err
	}
	lines := make([]SignUpLine, len(rows))
	for i, u := range rows {
		lines[i] = SignUpLine{u, at[u.ShiftID].Shift, at[u.ShiftID].Opportunity, positions[u.ID]}
	}
	return lines, nil
}

// occasion is a shift with its opportunity.
type occasion struct {
	Shift       volunteer.Shift
	Opportunity volunteer.Opportunity
}

func occasionsOf(ctx context.Context, r database.Reader, shifts []id.ID[volunteer.Shift]) (map[id.ID[volunteer.Shift]]occasion, error) {
	rows, err := shiftsOf(ctx, r, shifts)
	if err != nil {
		return nil, err
	}
	of := make([]id.ID[volunteer.Opportunity], len(rows))
	for i, s := range rows {
		of[i] = s.OpportunityID
	}
	offers, err := opportunitiesOf(ctx, r, of)
	if err != nil {
		return nil, err
	}
	all := map[id.ID[volunteer.Shift]]occasion{}
	for _, s := range rows {
		all[s.ID] = occasion{s, offers[s.OpportunityID].Opportunity}
	}
	return all, nil
}

// readRoster reads a shift with everybody on it, and its opportunity, without any lock: to look, not to change.
func readRoster(ctx context.Context, r database.Reader, of id.ID[volunteer.Shift]) (*volunteer.Roster, offer, error) {
	s, err := findShift(ctx, r, of)
	if err != nil {
		return nil, offer{}, err
	}
	offers, err := opportunitiesOf(ctx, r, []id.ID[volunteer.Opportunity]{s.OpportunityID})
	if err != nil {
		return nil, offer{}, err
	}
	rows, err := gorm.G[volunteer.SignUp](r.Gorm(ctx)).Where("shift_id = ?", of).Order("rank").Find(ctx)
	if err != nil {
		return nil, offer{}, fmt.Errorf("list sign-ups: %w", err)
	}
	o := offers[s.OpportunityID]
	return &volunteer.Roster{Shift: &s, Waitlist: o.Waitlist, SignUps: rows}, o, nil
}

func insertRequest(ctx context.Context, tx database.Tx, q volunteer.Request, shifts []id.ID[volunteer.Shift]) error {
	if err := gorm.G[volunteer.Request](tx.Gorm(ctx)).Create(ctx, &q); err != nil {
		return fmt.Errorf("store request: %w", err)
	}
	_, err := tx.Exec(ctx, `insert into sign_up_request_shifts (org_id, request_id, shift_id) select $1, $2, unnest($3::uuid[])`, q.OrgID, q.ID, shifts)
	if err != nil {
		return fmt.Errorf("store shifts of a request: %w", err)
	}
	return nil
}

// unconfirmedOf reads which requests of an address nobody has confirmed yet.
func unconfirmedOf(ctx context.Context, r database.Reader, email string) (map[uuid.UUID]bool, error) {
	var ids []uuid.UUID
	err := r.Gorm(ctx).Raw("select id from sign_up_requests where email_normalized = ? and confirmed_at is null", email).Scan(&ids).Error
	if err != nil {
		return nil, fmt.Errorf("list unconfirmed requests: %w", err)
	}
	all := map[uuid.UUID]bool{}
	for _, q := range ids {
		all[q] = true
	}
	return all, nil
}

// requestBy reads the request of a link that still works; any other is volunteer.ErrLinkSpent.
func requestBy(ctx context.Context, r database.Reader, hash []byte, at time.Time) (volunteer.Request, error) {
	q, err := gorm.G[volunteer.Request](r.Gorm(ctx)).Where("token_hash = ? and expires_at > ?", hash, at).Take(ctx)
	if database.IsNoRows(err) {
		return q, volunteer.ErrLinkSpent
	}
	if err != nil {
		return q, fmt.Errorf("find request: %w", err)
	}
	return q, nil
}

// claimRequest decides by the update itself who of several confirms a request; the others learn that it was claimed.
func claimRequest(ctx context.Context, tx database.Tx, hash []byte, at time.Time) (claimed bool, err error) {
	n, err := tx.Exec(ctx, `update sign_up_requests set confirmed_at = $2 where token_hash = $1 and confirmed_at is null and expires_at > $2`, hash, at)
	if err != nil {
		return false, fmt.Errorf("claim request: %w", err)
	}
	return n == 1, nil
}

// queueConfirmed notes whose a request turned out to be, and what was refused of it.
func queueConfirmed(tx database.Tx, q volunteer.Request, who uuid.UUID, refused []RefusedShift) {
	tx.Queue("update sign_up_requests set person_id = $2 where id = $1", []any{q.ID, who}, nil)
	for _, f := range refused {
		tx.Queue("update sign_up_request_shifts set code = $3, message = $4 where request_id = $1 and shift_id = $2", []any{q.ID, f.Shift.ID, f.Code, f.Message}, nil)
	}
}

// wish is one shift of a request.
type wish struct {
	ShiftID id.ID[volunteer.Shift]
	Code    string // why it was refused, once it was
	Message string
}

func (w wish) fault() *fault.Error { return fault.New(fault.KindConflict, w.Code, w.Message) }

func wishesOf(ctx context.Context, r database.Reader, q id.ID[volunteer.Request]) ([]wish, error) {
	var all []wish
	err := r.Gorm(ctx).Raw(`select w.shift_id, w.code, w.message from sign_up_request_shifts w join shifts s on s.org_id = w.org_id and s.id = w.shift_id
		where w.request_id = ? order by s.starts_at, s.id`, q).Scan(&all).Error
	if err != nil {
		return nil, fmt.Errorf("list shifts of a request: %w", err)
	}
	return all, nil
}

// heldByRequest reads the places that a request still holds.
func heldByRequest(ctx context.Context, r database.Reader, q id.ID[volunteer.Request], at time.Time) (map[id.ID[volunteer.Shift]]volunteer.SignUp, error) {
	rows, err := gorm.G[volunteer.SignUp](r.Gorm(ctx)).Where("request_id = ? and status = 'held' and hold_until > ?", q, at).Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("list held places: %w", err)
	}
	return byShift(rows), nil
}

func byShift(rows []volunteer.SignUp) map[id.ID[volunteer.Shift]]volunteer.SignUp {
	all := map[id.ID[volunteer.Shift]]volunteer.SignUp{}
	for _, u := range rows {
		all[u.ShiftID] = u
	}
	return all
}

// newestSignUps reads a person's newest sign-up for each of some shifts.
func newestSignUps(ctx context.Context, r database.Reader, who uuid.UUID, shifts []id.ID[volunteer.Shift]) (map[id.ID[volunteer.Shift]]volunteer.SignUp, error) {
	var rows []volunteer.SignUp
	err := r.Gorm(ctx).Raw(`select distinct on (shift_id) * from sign_ups where person_id = ? and shift_id = any(?) order by shift_id, rank desc`,
		who, database.Array(shifts)).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list sign-ups of a request: %w", err)
	}
	return byShift(rows), nil
}

// freeShifts reads shifts of the opportunity of a sign-up, to come, open and with as many free places as it has, for which its person has no
// sign-up, the soonest first.
func freeShifts(ctx context.Context, r database.Reader, of SignUpLine, now time.Time) ([]volunteer.Shift, error) {
	var rows []volunteer.Shift
	err := r.Gorm(ctx).Raw(`select s.* from shifts s where s.opportunity_id = @like and s.id <> @id and s.status = 'open' and s.starts_at > @now
			and s.places - (s.taken - s.over) >= @party and s.closes_at > @now and (s.opens_at is null or s.opens_at <= @now)
			and not exists (select from sign_ups u where u.org_id = s.org_id and u.shift_id = s.id and u.person_id = @who
				and u.status in ('held', 'confirmed', 'offered', 'in', 'done', 'waiting'))
		order by s.starts_at, s.id limit @most`,
		map[string]any{"like": of.Shift.OpportunityID, "id": of.Shift.ID, "now": now, "who": of.PersonID, "party": of.Party, "most": mostSwapTargets}).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list free shifts: %w", err)
	}
	return rows, nil
}

func lastEnd(shifts []volunteer.Shift) (last time.Time) {
	for _, s := range shifts {
		if s.EndsAt.After(last) {
			last = s.EndsAt
		}
	}
	return last
}

// profileOrNone is findProfile for whom the rules are asked about: nothing is known of who has no profile yet.
func profileOrNone(ctx context.Context, r database.Reader, who uuid.UUID) (volunteer.Profile, error) {
	p, err := findProfile(ctx, r, who)
	if errors.Is(err, volunteer.ErrVolunteer) {
		return volunteer.Profile{PersonID: who}, nil
	}
	return p, err
}
