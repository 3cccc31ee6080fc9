extension InterfaceDescription {
    /// What the interface has for explanations.
    static let explain = """
        # A datagram: the payload in hexadecimal, at most 4200 bytes of it, with its 'size' where
        # that is more. 'from' and 'to' are HOST:PORT. 'to' may be left out where the listener
        # is bound at one address, 'listener' (an address or a name) where 'to' tells it or
        # there is only one.
        type Datagram (
          payload: string,
          size: ?int,
          from: string,
          to: ?string,
          listener: ?string
        )

        # A slot, and who reads it; 'state' is the generation's.
        type SlotPlace (
          slot: int,
          generation: ?int,
          worker: ?int,
          state: ?string
        )

        # One key that was looked for: id, seal (an id as the workers' library makes them, with a
        # right tag), owner (the first bytes of an id that tell a worker), handshake, tuple, address (the client's, of IPv6 its /64), guess. 'outcome': found,
        # absent, expired, closed (its slot was given up), noSocket, noBudget (it leads to a
        # generation that drains, for which no more may be guessed within this second).
        # 'ageSeconds' counts from when it was last written that it was seen, which is up to
        # a sixteenth of the time that an entry is good for after it was. 'counted': whether
        # a drain counts it as a session.
        type ExplanationStep (
          key: string,
          bytes: ?string,
          outcome: string,
          place: ?SlotPlace,
          confirmed: ?bool,
          ageSeconds: ?float,
          secondsLeft: ?float,
          counted: ?bool
        )

        # Where a datagram would go, or 'problem'. 'rule': id, owner, handshake, tuple, opens (it
        # begins a session), beside (the same, on a 4-tuple of a generation that drains), hint
        # (its address had a session there last), copied (each of 'candidates' gets a copy), guess,
        # unknown, stateless (the kernel chooses among 'candidates'), passed (no slot has a socket). 'form' is what it is read
        # as. 'canary': whether the client is one of a canary's share. 'incomplete': the payload
        # that was given ends before what steering reads.
        type Explanation (
          problem: ?string,
          listener: ?string,
          steering: ?string,
          form: ?string,
          rule: ?string,
          place: ?SlotPlace,
          candidates: ?[]SlotPlace,
          canary: ?bool,
          incomplete: ?bool,
          steps: ?[]ExplanationStep
        )

        # Where each of at most 64 datagrams would go if it came now, by itself. It changes nothing.
        method Explain(datagrams: []Datagram) -> (explanations: []Explanation)

        """
}
