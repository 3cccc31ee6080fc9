/// What the next thing on a link is. Its bytes are in the link until the next one is asked for.
enum LinkItem {
    case datagram(ForwardedDatagram, Range<Int>)
    /// The descriptors belong to whoever takes the item.
    case message(Range<Int>, descriptors: [Int32])
    /// Nothing now; the link's descriptor gets readable when there is.
    case nothing
}
