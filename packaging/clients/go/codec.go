package relevo

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// The bounds of the worker channel.
const (
	longestPacket   = 4096
	mostKeys        = 64
	mostDescriptors = 32
	longestText     = 512
)

// A fault says why bytes are no packet, or a packet no message.
type fault struct {
	code, reason string
	// id is that of the message, where it could be read; 0 for none.
	id uint64
}

func (f *fault) Error() string { return f.reason }

func faulty(code, format string, values ...any) *fault {
	return &fault{code: code, reason: fmt.Sprintf(format, values...)}
}

type field struct{ key, value string }

// A packet is a verb and its keys, in their order.
type packet struct {
	verb   string
	fields []field
}

func newPacket(verb string) *packet { return &packet{verb: verb} }

func (p *packet) with(key string, value any) *packet {
	p.fields = append(p.fields, field{key, fmt.Sprint(value)})
	return p
}

// encoded is as it goes over the socket; a control character in a value becomes a space.
func (p *packet) encoded() []byte {
	out := []byte(p.verb)
	for _, each := range p.fields {
		out = append(out, '\n')
		out = append(out, each.key...)
		out = append(out, '=')
		for _, b := range []byte(strings.ToValidUTF8(each.value, "\uFFFD")) {
			if isControl(b) {
				b = ' '
			}
			out = append(out, b)
		}
	}
	return out
}

func isControl(b byte) bool { return b < 0x20 || b == 0x7f }

func isWord(text []byte, longest int, others string) bool {
	if len(text) < 1 || len(text) > longest {
		return false
	}
	for _, b := range text {
		if (b < 'A' || b > 'Z') && strings.IndexByte(others, b) < 0 {
			return false
		}
	}
	return true
}

// decode reads one packet; any bytes may come.
func decode(data []byte) (*packet, *fault) {
	if len(data) > longestPacket {
		return nil, faulty("oversized", "a packet of more than %d bytes", longestPacket)
	}
	lines := bytes.Split(bytes.TrimSuffix(data, []byte{'\n'}), []byte{'\n'})
	if !isWord(lines[0], 16, "") {
		return nil, faulty("malformed", "it does not begin with a verb")
	}
	if len(lines) > 1+mostKeys {
		return nil, faulty("malformed", "more than %d keys", mostKeys)
	}
	found := newPacket(string(lines[0]))
	seen := map[string]bool{}
	for place, line := range lines[1:] {
		key, value, isField := bytes.Cut(line, []byte{'='})
		if !isField || !isWord(key, 32, "_") {
			return nil, faulty("malformed", "line %d is not KEY=value", place+2)
		}
		for _, b := range value {
			if isControl(b) {
				return nil, faulty("malformed", "line %d has a control character", place+2)
			}
		}
		name := string(key)
		if seen[name] && name != "SOCKET" && name != "STORED" {
			return nil, faulty("malformed", "%s= stands twice", name)
		}
		seen[name] = true
		text := strings.ToValidUTF8(string(value), "\uFFFD")
		found.fields = append(found.fields, field{name, text})
	}
	return found, nil
}

func (p *packet) value(key string) (string, bool) {
	for _, each := range p.fields {
		if each.key == key {
			return each.value, true
		}
	}
	return "", false
}

func (p *packet) values(key string) []string {
	var found []string
	for _, each := range p.fields {
		if each.key == key {
			found = append(found, each.value)
		}
	}
	return found
}

var numberForm = regexp.MustCompile(`^(0|[1-9][0-9]{0,18})$`)

func readNumber(text string) (uint64, bool) {
	if !numberForm.MatchString(text) {
		return 0, false
	}
	number, err := strconv.ParseInt(text, 10, 64)
	return uint64(number), err == nil
}

func (p *packet) number(key string) (number uint64, isThere bool, broken *fault) {
	text, isThere := p.value(key)
	if !isThere {
		return 0, false, nil
	}
	number, isNumber := readNumber(text)
	if !isNumber {
		return 0, false, faulty("key", "%s= is not a number", key)
	}
	return number, true, nil
}

// A reader reads several keys, and keeps the first fault.
type reader struct {
	*packet
	broken *fault
}

func (r *reader) fail(broken *fault) {
	if r.broken == nil {
		r.broken = broken
	}
}

func (r *reader) optional(key string) (uint64, bool) {
	number, isThere, broken := r.number(key)
	if broken != nil {
		r.fail(broken)
	}
	return number, isThere
}

func (r *reader) required(key string) uint64 {
	number, isThere := r.optional(key)
	if !isThere {
		r.fail(faulty("key", "%s= is missing", key))
	}
	return number
}

func (r *reader) flag(key string) bool {
	value, isThere := r.value(key)
	if isThere && value != "1" {
		r.fail(faulty("key", "%s= can be 1 alone", key))
	}
	return isThere
}

// What the supervisor says; a message is one of these.
type (
	welcome struct {
		version, generation, worker, workers uint64
		service                              string
		sockets                              []welcomeSocket
		stored                               []string
		more                                 bool
	}
	welcomeSocket struct {
		listener, slot uint64
		address, name  string
		seal           *seal
	}
	done    struct{}
	refusal struct{ code, reason string }
	// Times in milliseconds, deadline on CLOCK_BOOTTIME.
	drainNotice struct {
		isLimited      bool
		deadline, left uint64
	}
	resumeNotice struct{}
	stopNotice   struct{ left uint64 }
	stored       struct {
		names []string
		more  bool
	}
	linkEnd struct {
		isAsked            bool
		generation, worker uint64
		label              string
	}
)

// readMessage reads a supervisor's packet. The message is nil for a verb that is not known.
func readMessage(data []byte) (id uint64, hasID bool, message any, broken *fault) {
	whole, broken := decode(data)
	if broken != nil {
		return 0, false, nil, broken
	}
	id, hasID, broken = whole.number("ID")
	if broken != nil {
		return 0, false, nil, broken
	}
	r := &reader{packet: whole}
	message = r.message()
	if r.broken != nil {
		r.broken.id = id
		return id, hasID, nil, r.broken
	}
	return id, hasID, message, nil
}

func (r *reader) message() any {
	switch r.verb {
	case "WELCOME":
		return r.welcome()
	case "OK":
		return done{}
	case "ERROR":
		code, isThere := r.value("CODE")
		if !isThere {
			code = "failed"
		}
		reason, _ := r.value("REASON")
		return refusal{code, reason}
	case "DRAIN":
		deadline, hasDeadline := r.optional("DEADLINE")
		left, hasLeft := r.optional("LEFT")
		if !hasDeadline || !hasLeft {
			return drainNotice{}
		}
		return drainNotice{true, deadline, left}
	case "RESUME":
		return resumeNotice{}
	case "STOP":
		left, _ := r.optional("LEFT")
		return stopNotice{left}
	case "STORED":
		return stored{r.values("STORED"), r.flag("MORE")}
	case "LINK":
		role, _ := r.value("ROLE")
		if role != "asked" && role != "offered" {
			r.fail(faulty("key", "ROLE= is missing"))
		}
		label, _ := r.value("LABEL")
		return linkEnd{role == "asked", r.required("GENERATION"), r.required("WORKER"), label}
	}
	return nil
}

func (r *reader) welcome() welcome {
	service, isThere := r.value("SERVICE")
	if !isThere {
		r.fail(faulty("key", "SERVICE= is missing"))
	}
	found := welcome{
		version: r.required("VERSION"), service: service, generation: r.required("GENERATION"),
		worker: r.required("WORKER"), workers: r.required("WORKERS"),
		stored: r.values("STORED"), more: r.flag("MORE"),
	}
	for _, line := range r.values("SOCKET") {
		parts := strings.SplitN(line, " ", 4)
		for len(parts) < 4 {
			parts = append(parts, "")
		}
		listener, isListener := readNumber(parts[0])
		slot, isSlot := readNumber(parts[1])
		if !isListener || !isSlot || parts[2] == "" || strings.Count(line, " ") < 3 {
			r.fail(faulty("key", "SOCKET= is not listener, slot, address and name"))
		}
		found.sockets = append(found.sockets,
			welcomeSocket{listener: listener, slot: slot, address: parts[2], name: parts[3]})
	}
	if ids, isThere := r.value("IDS"); isThere {
		words := strings.Split(ids, " ")
		if len(words) != len(found.sockets) {
			r.fail(faulty("key", "IDS= has not a word for each SOCKET="))
			return found
		}
		for place, word := range words {
			found.sockets[place].seal = r.seal(word)
		}
	}
	return found
}

var sealForm = regexp.MustCompile(`^([1-9][0-9]{0,3}):([0-9a-fA-F]{16})([0-9a-fA-F]{16})$`)

func (r *reader) seal(word string) *seal {
	if word == "-" {
		return nil
	}
	parts := sealForm.FindStringSubmatch(word)
	if parts == nil {
		r.fail(faulty("key", "IDS= is not a list of stays, each with its key"))
		return nil
	}
	// The form has made sure that these are numbers.
	stay, _ := strconv.ParseUint(parts[1], 10, 16)
	low, _ := strconv.ParseUint(parts[2], 16, 64)
	high, _ := strconv.ParseUint(parts[3], 16, 64)
	if stay > 4095 {
		r.fail(faulty("key", "IDS= is not a list of stays, each with its key"))
	}
	return &seal{uint16(stay), [2]uint64{low, high}}
}
