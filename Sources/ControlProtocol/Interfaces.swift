/// The names that both ends must spell alike.
enum Interfaces {
    static let service = "org.varlink.service"
    static let supervisor = "org.relevo.Supervisor"
}
