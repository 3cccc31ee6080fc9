extension InterfaceDescription {
    /// What the interface has for single flows.
    static let flows = """
        # A session: 'kind' is flow (an entry of the flow table), connection (TCP), connected (a UDP
        # socket with one peer) or port (a UDP socket at a port of the worker's own, without a peer
        # perhaps). 'seenSecondsAgo': when it was seen last; it may have been seen since, by
        # 'interval' at most. 'ageSeconds': how old it is at least. The table keeps no more.
        type Flow (
          kind: string,
          peer: ?string,
          local: string,
          listener: ?string,
          generation: ?int,
          worker: ?int,
          id: ?string,
          seenSecondsAgo: ?float,
          ageSeconds: ?float
        )

        # Who has sessions: the first 'limit' (20, at most 1000) of those that were seen within
        # 'seconds', the last ones first, or with sort "age" those of the oldest generation first.
        # Without 'seconds' it looks for 1 s, and on until each flow that sends was seen, but less
        # than 2 s. Of 'live' flows 'seen' ones were; the others sent nothing, or the time was too
        # short. 'untold': how often there was no room to tell one, at all listeners of the same
        # tables. 'remarks': what cannot be told, and why.
        method Flows(generation: ?int, worker: ?int, sort: ?string, limit: ?int, seconds: ?float) -> (
          flows: []Flow,
          live: int,
          unconfirmed: int,
          seen: int,
          untold: int,
          outside: int,
          seconds: float,
          interval: float,
          remarks: ?[]string
        )

        type FlowChange (
          peer: string,
          local: string,
          listener: string,
          generation: ?int,
          worker: ?int,
          to: ?SlotPlace
        )

        # Forgets the flow of a peer: its next datagram begins another one. 'to' is where its
        # datagrams arrive, where the listener is bound at every address and that is no address of
        # an interface. Refused where no live flow has this peer.
        method EndFlow(peer: string, to: ?string, listener: ?string) -> (changes: []FlowChange)

        # Hands the flow of a peer to the current generation, which need not know its session.
        method MoveFlow(peer: string, to: ?string, listener: ?string) -> (changes: []FlowChange)

        """
}
