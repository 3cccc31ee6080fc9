/// Which generation a link is to lead to.
public enum LinkTarget: Equatable, Sendable {
    /// The one that new flows go to.
    case current
    /// The newest living generation before this worker's own.
    case older
    /// The oldest living generation after this worker's own.
    case newer
    /// The generation with this number.
    case generation(UInt64)
}
