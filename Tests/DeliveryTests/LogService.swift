import AWS
import TestSupport

extension LogService {
    static let keys = ["AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "secret"]

    static func destination(
        _ endpoint: String
    ) -> @Sendable (String) throws(LogDestination.Invalid) -> LogDestination {
        { region throws(LogDestination.Invalid) in
            try LogDestination(region: region, group: "/breakoutd/findings", stream: "node", endpoint: endpoint)
        }
    }
}
