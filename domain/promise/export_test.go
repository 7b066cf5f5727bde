package promise

// Derived is the status that follows from everything else.
func (p *Promise) Derived() Status {
	c := *p
	c.derive()
	return c.Status
}

// Stops tells tests whether a failed instalment keeps its plan from going on.
func (i Instalment) Stops() bool { return i.stops() }

// Collectable tells tests whether what an instalment asks for can be collected by itself.
func (p *Promise) Collectable(i Instalment) bool { return p.collectable(&i) }
