/// What the trial of a kind of listener gave; none of the ways may be sound.
struct KnownWay {
    let way: ConnectedWay?
}
