package relevo

import "errors"

var (
	// ErrEnded says that the other end is gone for good.
	ErrEnded = errors.New("relevo: the other end is gone for good")
	// ErrMalformed says that the other end does not speak as it should.
	ErrMalformed = errors.New("relevo: the other end does not speak as it should")
	// ErrNoListener says that there is no such listener, or that its sockets have all been taken.
	ErrNoListener = errors.New("relevo: no such listener, or its sockets have all been taken")
	// ErrUnsupported says that it is not to be had without a supervisor.
	ErrUnsupported = errors.New("relevo: not without a supervisor")
	// ErrNotSteered says that the listener's steering heeds no ids that a worker makes.
	ErrNotSteered = errors.New("relevo: the listener's steering heeds no ids that a worker makes")
	// ErrBusy says that the supervisor does not read its channel now.
	ErrBusy = errors.New("relevo: the supervisor does not read its channel now")
)

// Refused is what the supervisor says when it does not do what it was asked.
type Refused struct {
	// Code is for programs: one of section ERROR of CHANNEL.md, or one that came later.
	Code string
	// Reason is for people.
	Reason string
}

func (r *Refused) Error() string {
	return "relevo: the supervisor refused: " + r.Reason + " (" + r.Code + ")"
}
