import Settings
import Steering

extension SteeringNetwork {
    /// - Throws: SteeringError if the text is no network.
    init(reading text: String) throws(SteeringError) {
        do throws(ValueError) {
            let network = try InternetNetwork.parse(text)
            self.init(address: network.address, length: network.length)
        } catch {
            throw SteeringError(error.description)
        }
    }

    /// As it is written, such as 192.0.2.0/24.
    var text: String { InternetNetwork(address: address, length: length).description }
}
