package stripesandbox

import "slices"

// ownerKey names the objects of a kind that belong to one owner.
type ownerKey struct{ kind, owner string }

// ownerOf is whose an object is for the lists that are asked by owner: its customer's, or a refund its charge's. Without the index of owners
// each such list would look at every object that was ever made.
func ownerOf(e entity) string {
	switch e := e.(type) {
	case *PaymentIntent:
		return value(e.Customer)
	case *SetupIntent:
		return value(e.Customer)
	case *PaymentMethod:
		return value(e.Customer)
	case *Charge:
		return value(e.Customer)
	case *Session:
		return value(e.Customer)
	case *Refund:
		return e.Charge
	}
	return ""
}

// own brings the index up to date after e was stored or changed.
func (d *database) own(e entity) {
	r := e.row()
	owner := ownerOf(e)
	if owner == r.listed {
		return
	}
	d.disown(e)
	if owner == "" {
		return
	}
	key := ownerKey{r.Object, owner}
	rows := d.byOwner[key]
	at, _ := d.position(rows, e)
	d.byOwner[key] = slices.Insert(rows, at, e)
	r.listed = owner
}

// disown takes e out of the index.
func (d *database) disown(e entity) {
	r := e.row()
	if r.listed == "" {
		return
	}
	key := ownerKey{r.Object, r.listed}
	r.listed = ""
	rows := d.byOwner[key]
	at, found := d.position(rows, e)
	if !found {
		return
	}
	if rows = slices.Delete(rows, at, at+1); len(rows) == 0 {
		delete(d.byOwner, key)
		return
	}
	d.byOwner[key] = rows
}

// owned returns the objects of a kind that belong to an owner, oldest first. The caller must not change the list.
func (d *database) owned(kind, owner string) []entity { return d.byOwner[ownerKey{kind, owner}] }
