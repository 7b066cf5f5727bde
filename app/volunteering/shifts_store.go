package volunteering

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"tributary/app/platform/database"
	"tributary/domain/day"
	"tributary/domain/id"
	"tributary/domain/volunteer"
)

// listShifts reads a page of shifts, the soonest first. The page is cut before opportunities are joined to it.
func listShifts(ctx context.Context, r database.Reader, f ShiftFilter) ([]ShiftLine, error) {
	var rows []ShiftLine
	err := r.Gorm(ctx).Raw(`select s.*, o.title as opportunity_title, o.role from (?) s
		join opportunities o on o.org_id = s.org_id and o.id = s.opportunity_id order by s.starts_at, s.id`, pageOfShifts(r.Gorm(ctx), f)).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list shifts: %w", err)
	}
	return rows, nil
}

func pageOfShifts(orm *gorm.DB, f ShiftFilter) *gorm.DB {
	q := orm.Table("shifts").Order("starts_at, id").Limit(f.Limit)
	if !f.From.IsZero() {
		q = q.Where("starts_at >= ?", f.From)
	}
	if !f.To.IsZero() {
		q = q.Where("starts_at < ?", f.To)
	}
	if !f.OpportunityID.IsZero() {
		q = q.Where("opportunity_id = ?", f.OpportunityID)
	}
	if f.Unfilled {
		q = q.Where("status = 'open' and taken - over < places")
	}
	if !f.After.IsZero() {
		q = q.Where("(starts_at, id) > (?, ?)", f.After, f.AfterID)
	}
	if f.Role == "" {
		return q
	}
	// A page of each opportunity of the role, of which the page is made: their shifts may be most of all.
	each := q.Where("opportunity_id = o.id")
	return orm.Table("opportunities o, lateral (?) s", each).Select("s.*").Where("o.role = ?", f.Role).Order("s.starts_at, s.id").Limit(f.Limit)
}

func insertShifts(ctx context.Context, tx database.Tx, shifts []volunteer.Shift) error {
	if len(shifts) == 0 {
		return nil
	}
	if err := tx.Gorm(ctx).Create(&shifts).Error; err != nil {
		return fmt.Errorf("insert shifts: %w", err)
	}
	return nil
}

func insertSeries(ctx context.Context, tx database.Tx, r volunteer.Series) error {
	if err := tx.Gorm(ctx).Create(&r).Error; err != nil {
		return fmt.Errorf("insert series: %w", err)
	}
	return nil
}

// saveSeries stores how far a series has come, and its end.
func saveSeries(ctx context.Context, tx database.Tx, r volunteer.Series) error {
	err := tx.Gorm(ctx).Model(&volunteer.Series{}).Where("id = ?", r.ID).Select("rule", "made_until", "ended", "updated_at").Updates(&r).Error
	if err != nil {
		return fmt.Errorf("save series %s: %w", r.ID, err)
	}
	return nil
}

// lockSeries locks one, so that its shifts are made, changed and ended by one transaction at a time.
func lockSeries(ctx context.Context, tx database.Tx, of id.ID[volunteer.Series]) (volunteer.Series, error) {
	r, err := gorm.G[volunteer.Series](tx.Gorm(ctx), clause.Locking{Strength: "NO KEY UPDATE"}).Where("id = ?", of).Take(ctx)
	if err != nil {
		return r, fmt.Errorf("lock series %s: %w", of, err)
	}
	return r, nil
}

// endSeriesOf lets every series of an opportunity make no more shifts.
func endSeriesOf(ctx context.Context, tx database.Tx, of id.ID[volunteer.Opportunity], at time.Time) error {
	_, err := tx.Exec(ctx, "update shift_series set ended = true, updated_at = $2 where opportunity_id = $1 and not ended", of, at)
	if err != nil {
		return fmt.Errorf("end series: %w", err)
	}
	return nil
}

// seriesBehind lists series that have shifts to make, the furthest behind first.
func seriesBehind(ctx context.Context, r database.Reader, horizon volunteer.Wall) ([]volunteer.Series, error) {
	rows, err := gorm.G[volunteer.Series](r.Gorm(ctx)).Where("not ended and made_until < ?", horizon).Order("made_until, id").Limit(mostSeriesAtOnce).Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("list series: %w", err)
	}
	return rows, nil
}

// followingOf lists the shifts of a series from one on that follow its rule still, the soonest first.
func followingOf(ctx context.Context, r database.Reader, series id.ID[volunteer.Series], from volunteer.Wall) ([]id.ID[volunteer.Shift], error) {
	var ids []id.ID[volunteer.Shift]
	err := r.Gorm(ctx).Raw(`select id from shifts where series_id = ? and not detached and status = 'open' and starts_local >= ? order by starts_at, id`,
		series, from).Scan(&ids).Error
	if err != nil {
		return nil, fmt.Errorf("list shifts of a series: %w", err)
	}
	return ids, nil
}

// comingOf lists the open shifts of an opportunity that have not begun.
func comingOf(ctx context.Context, r database.Reader, of id.ID[volunteer.Opportunity], now time.Time) ([]id.ID[volunteer.Shift], error) {
	var ids []id.ID[volunteer.Shift]
	err := r.Gorm(ctx).Raw("select id from shifts where opportunity_id = ? and status = 'open' and starts_at > ? order by starts_at, id", of, now).Scan(&ids).Error
	if err != nil {
		return nil, fmt.Errorf("list shifts to come: %w", err)
	}
	return ids, nil
}

// shiftsOfWeek lists the shifts whose clock shows a time of the week that begins on a Monday, the soonest first.
func shiftsOfWeek(ctx context.Context, r database.Reader, monday day.Day, of id.ID[volunteer.Opportunity]) ([]volunteer.Shift, error) {
	from, to := volunteer.WallOn(monday, 0, 0), volunteer.WallOn(monday.AddDays(7), 0, 0)
	// No zone is further than a day from UTC: the index finds the instants, the wall times say which of them count.
	q := r.Gorm(ctx).Where("starts_at >= ? and starts_at < ? and starts_local >= ? and starts_local < ?",
		from.Naive().AddDate(0, 0, -1), to.Naive().AddDate(0, 0, 1), from, to)
	if !of.IsZero() {
		q = q.Where("opportunity_id = ?", of)
	}
	var rows []volunteer.Shift
	if err := q.Order("starts_at, id").Limit(volunteer.MostOfSeries*2 + 1).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list shifts of a week: %w", err)
	}
	return rows, nil
}

// lockOpportunities keeps opportunities from being closed, and their shifts from being planned, meanwhile; in the order of their ids.
func lockOpportunities(ctx context.Context, tx database.Tx, of []id.ID[volunteer.Opportunity]) (map[id.ID[volunteer.Opportunity]]volunteer.Opportunity, error) {
	rows, err := gorm.G[volunteer.Opportunity](tx.Gorm(ctx), clause.Locking{Strength: "NO KEY UPDATE"}).Where("id = any(?)", database.Array(of)).Order("id").Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("lock opportunities: %w", err)
	}
	all := map[id.ID[volunteer.Opportunity]]volunteer.Opportunity{}
	for _, o := range rows {
		all[o.ID] = o
	}
	return all, nil
}

// concernedByPlace lists the shifts to come of an opportunity that somebody is on, with whoever has a place or waits.
func concernedByPlace(ctx context.Context, r database.Reader, o volunteer.Opportunity, now time.Time) ([]volunteer.NoticeItem, error) {
	var items []volunteer.NoticeItem
	err := r.Gorm(ctx).Raw(`select s.org_id, s.id as shift_id, array_agg(u.id::text order by u.rank) as sign_up_ids from shifts s
		join sign_ups u on u.org_id = s.org_id and u.shift_id = s.id and u.status = any(?)
		where s.opportunity_id = ? and s.status = 'open' and s.ends_at > ? group by s.org_id, s.id, s.starts_at order by s.starts_at, s.id`,
		database.Array(volunteer.ActiveStatuses), o.ID, now).Scan(&items).Error
	if err != nil {
		return nil, fmt.Errorf("list whom another place concerns: %w", err)
	}
	return items, nil
}

func insertNotice(ctx context.Context, tx database.Tx, n volunteer.Notice, items []volunteer.NoticeItem) error {
	if err := tx.Gorm(ctx).Create(&n).Error; err != nil {
		return fmt.Errorf("insert notice: %w", err)
	}
	if err := tx.Gorm(ctx).Create(&items).Error; err != nil {
		return fmt.Errorf("insert what a notice tells: %w", err)
	}
	return nil
}

// noticesOf lists what was told about a shift, the newest first.
func noticesOf(ctx context.Context, r database.Reader, of id.ID[volunteer.Shift]) ([]ShiftNotice, error) {
	items, err := gorm.G[volunteer.NoticeItem](r.Gorm(ctx)).Where("shift_id = ?", of).Order("notice_id desc").Limit(mostNotices).Find(ctx)
	if err != nil || len(items) == 0 {
		return nil, wrapped("list what was told about a shift", err)
	}
	ids := make([]uuid.UUID, len(items))
	for i, item := range items {
		ids[i] = item.NoticeID.UUID
	}
	var notices []struct {
		volunteer.Notice `gorm:"embedded"`
		ByName           string
	}
	err = r.Gorm(ctx).Raw(`select n.*, coalesce(l.name, '') as by_name from shift_notices n left join logins l on l.id = n.by_login where n.id = any(?)`,
		database.Array(ids)).Scan(&notices).Error
	if err != nil {
		return nil, fmt.Errorf("list notices: %w", err)
	}
	all := make([]ShiftNotice, 0, len(items))
	for _, item := range items {
		for _, n := range notices {
			if n.ID == item.NoticeID {
				all = append(all, ShiftNotice{Notice: n.Notice, Item: item, ByName: n.ByName})
			}
		}
	}
	return all, nil
}

func wrapped(doing string, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}

// shiftLine reads a shift with what it is for.
func shiftLine(ctx context.Context, r database.Reader, of id.ID[volunteer.Shift]) (ShiftLine, error) {
	var rows []ShiftLine
	err := r.Gorm(ctx).Raw(`select s.*, o.title as opportunity_title, o.role from shifts s
		join opportunities o on o.org_id = s.org_id and o.id = s.opportunity_id where s.id = ?`, of).Scan(&rows).Error
	if err != nil {
		return ShiftLine{}, fmt.Errorf("find shift %s: %w", of, err)
	}
	if len(rows) == 0 {
		return ShiftLine{}, volunteer.ErrShift
	}
	return rows[0], nil
}
