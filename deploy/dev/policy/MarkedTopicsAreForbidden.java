import java.util.Map;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.server.policy.CreateTopicPolicy;

/** A create.topic.policy of dev clusters, for tests: refuses topics whose names hold `forbidden-by-policy`. */
public class MarkedTopicsAreForbidden implements CreateTopicPolicy {
  @Override
  public void configure(Map<String, ?> configs) {}

  @Override
  public void validate(RequestMetadata request) {
    if (request.topic().contains("forbidden-by-policy")) {
      throw new PolicyViolationException("Topics named like " + request.topic() + " are forbidden here");
    }
  }

  @Override
  public void close() {}
}
