package relevo

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

type block struct {
	kind, verb, means string
	data              []byte
	fields            []field
	isPacket          bool
}

func lines(t testing.TB, file string) []string {
	t.Helper()
	text, err := os.ReadFile("../vectors/" + file)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(string(text), "\n")
}

func unhex(t testing.TB, text string) []byte {
	t.Helper()
	if text == "-" {
		return []byte{}
	}
	data, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func blocks(t testing.TB) []*block {
	var found []*block
	for _, line := range lines(t, "channel.txt") {
		word, rest, _ := strings.Cut(line, " ")
		switch word {
		case "says", "hears":
			found = append(found, &block{kind: word, data: unhex(t, rest)})
		case "verb":
			found[len(found)-1].verb = rest
			found[len(found)-1].isPacket = true
		case "field":
			key, value, _ := strings.Cut(rest, "=")
			last := found[len(found)-1]
			last.fields = append(last.fields, field{key, value})
		case "means":
			found[len(found)-1].means = rest
		}
	}
	if len(found) < 90 {
		t.Fatalf("%d blocks", len(found))
	}
	return found
}

func bit(flag bool) int {
	if flag {
		return 1
	}
	return 0
}

func listed(names []string) (text string) {
	for _, name := range names {
		text += " stored[" + name + "]"
	}
	return text
}

func meaning(data []byte) string {
	id, hasID, message, broken := readMessage(data)
	if broken != nil {
		return "fault " + broken.code
	}
	if message == nil {
		return "nothing"
	}
	number := "-"
	if hasID {
		number = fmt.Sprint(id)
	}
	return "id=" + number + " " + said(message)
}

func said(message any) string {
	switch m := message.(type) {
	case welcome:
		text := fmt.Sprintf("welcome version=%d service=[%s] generation=%d worker=%d workers=%d more=%d",
			m.version, m.service, m.generation, m.worker, m.workers, bit(m.more))
		for _, one := range m.sockets {
			sealed := "-"
			if one.seal != nil {
				sealed = fmt.Sprintf("%d %016x %016x", one.seal.stay, one.seal.key[0], one.seal.key[1])
			}
			text += fmt.Sprintf(" socket[%d %d %s %s] seal[%s]", one.listener, one.slot, one.address,
				one.name, sealed)
		}
		return text + listed(m.stored)
	case done:
		return "ok"
	case refusal:
		return "error " + m.code + " [" + m.reason + "]"
	case drainNotice:
		if !m.isLimited {
			return "drain -"
		}
		return fmt.Sprint("drain ", m.deadline, " ", m.left)
	case resumeNotice:
		return "resume"
	case stopNotice:
		return fmt.Sprint("stop ", m.left)
	case stored:
		return fmt.Sprintf("stored more=%d", bit(m.more)) + listed(m.names)
	case linkEnd:
		role := map[bool]string{true: "asked", false: "offered"}[m.isAsked]
		return fmt.Sprintf("link %s %d %d [%s]", role, m.generation, m.worker, m.label)
	}
	return "?"
}

func TestPacketsAreWrittenAndReadAsTheVectorsSay(t *testing.T) {
	for _, each := range blocks(t) {
		found, broken := decode(each.data)
		if !each.isPacket {
			if broken == nil {
				t.Errorf("%q is a packet", each.data)
			}
			continue
		}
		wanted := &packet{each.verb, each.fields}
		if broken != nil || fmt.Sprint(found) != fmt.Sprint(wanted) {
			t.Errorf("%q: %v, %v", each.data, found, broken)
		}
		if !bytes.Equal(wanted.encoded(), bytes.TrimSuffix(each.data, []byte("\n"))) {
			t.Errorf("%q is written as %q", each.data, wanted.encoded())
		}
		if each.kind == "hears" && meaning(each.data) != each.means {
			t.Errorf("%q: %q, not %q", each.data, meaning(each.data), each.means)
		}
	}
}

func TestMessagesThatAreNoPacketsAreFaults(t *testing.T) {
	for _, each := range blocks(t) {
		if each.kind == "hears" && meaning(each.data) != each.means {
			t.Errorf("%q: %q, not %q", each.data, meaning(each.data), each.means)
		}
	}
	long := append([]byte("OK\nREASON="), bytes.Repeat([]byte("x"), longestPacket-10)...)
	if meaning(long) != "id=- ok" || meaning(append(long, 'x')) != "fault oversized" {
		t.Error("the limit of a packet")
	}
}

func TestAValueStaysOneLine(t *testing.T) {
	data := newPacket("FAILED").with("REASON", "a\nSTOP\x7f\x00ö").encoded()
	if string(data) != "FAILED\nREASON=a STOP  ö" {
		t.Errorf("%q", data)
	}
}

func TestIdsAreMadeAsTheVectorsSay(t *testing.T) {
	count := 0
	for _, line := range lines(t, "client.txt") {
		words := strings.Fields(line)
		if len(words) != 6 || words[0] != "id" {
			continue
		}
		count++
		stay, _ := strconv.ParseUint(words[1], 10, 16)
		low, _ := strconv.ParseUint(words[2], 16, 64)
		high, _ := strconv.ParseUint(words[3], 16, 64)
		one := seal{uint16(stay), [2]uint64{low, high}}
		id := one.close(unhex(t, words[4]))
		if hex.EncodeToString(id) != words[5] || !one.made(id) {
			t.Errorf("%s: %x", line, id)
		}
		id[len(id)-1] ^= 1
		if one.made(id) {
			t.Errorf("%s: a forged id is taken", line)
		}
	}
	if count < 9 {
		t.Fatalf("%d ids", count)
	}
	for length := 0; length < 10; length++ {
		id, err := seal{7, [2]uint64{1, 2}}.make(6, make([]byte, length))
		if err != nil || len(id) > 20 || !(seal{7, [2]uint64{1, 2}}).made(id) {
			t.Errorf("%x, %v", id, err)
		}
	}
	if _, err := (seal{}).make(7, nil); err == nil {
		t.Error("configuration 7 is taken")
	}
}

func address(text string) netip.AddrPort {
	found, _ := netip.ParseAddrPort(text)
	return found
}

func TestLinkPacketsAreWrittenAndReadAsTheVectorsSay(t *testing.T) {
	var data []byte
	var wanted []*Datagram
	count := 0
	check := func() {
		if data == nil {
			return
		}
		count++
		found, _, isMessage, err := decodeLink(data)
		if err != nil || isMessage || len(found) != len(wanted) {
			t.Fatalf("%x: %v, %v", data, found, err)
		}
		written := linkHead(linkDatagrams, len(wanted))
		for place, one := range wanted {
			if fmt.Sprint(*found[place]) != fmt.Sprint(*one) {
				t.Errorf("%v, not %v", *found[place], *one)
			}
			written = appendDatagram(written, one)
		}
		if !bytes.Equal(written, data) {
			t.Errorf("%x, not %x", written, data)
		}
		data, wanted = nil, nil
	}
	for _, line := range lines(t, "client.txt") {
		words := strings.Fields(line)
		switch {
		case len(words) == 2 && words[0] == "datagrams":
			check()
			data = unhex(t, words[1])
		case len(words) == 5 && words[0] == "datagram":
			one := &Datagram{Payload: unhex(t, words[4]), Source: address(words[1]), Destination: address(words[2])}
			if received, _ := strconv.ParseUint(words[3], 10, 64); received != 0 {
				one.Received = time.Unix(0, int64(received))
			}
			wanted = append(wanted, one)
		case len(words) == 3 && words[0] == "message":
			check()
			_, payload, isMessage, err := decodeLink(unhex(t, words[1]))
			if err != nil || !isMessage || !bytes.Equal(payload, unhex(t, words[2])) {
				t.Errorf("%s: %x, %v", line, payload, err)
			}
			if !bytes.Equal(append(linkHead(linkMessage, 0), payload...), unhex(t, words[1])) {
				t.Errorf("%s is written otherwise", line)
			}
		case len(words) == 2 && words[0] == "broken":
			if _, _, _, err := decodeLink(unhex(t, words[1])); !errors.Is(err, ErrMalformed) {
				t.Errorf("%s: %v", line, err)
			}
		}
	}
	if count != 2 {
		t.Fatalf("%d packets", count)
	}
}

func TestWrongBytesAreAMessageOrAFault(t *testing.T) {
	chance := rand.New(rand.NewSource(7))
	sound := blocks(t)
	for i := 0; i < 50_000; i++ {
		data := append([]byte{}, sound[chance.Intn(len(sound))].data...)
		for j := 0; j < 4 && len(data) > 0; j++ {
			place := chance.Intn(len(data))
			switch chance.Intn(4) {
			case 0:
				data[place] = byte(chance.Intn(256))
			case 1:
				data[place] = "\n=-0: "[chance.Intn(6)]
			case 2:
				data = data[:place]
			case 3:
				data = append(data, data[place:]...)
			}
		}
		meaning(data)
		_, _, _, _ = decodeLink(append([]byte{byte(1 + i%2), 1, 3, 0, 0, 0, 0, 0}, data...))
	}
}

func FuzzMessage(f *testing.F) {
	for _, each := range blocks(f) {
		f.Add(each.data)
	}
	f.Fuzz(func(t *testing.T, data []byte) { meaning(data) })
}
