using Akka.TestKit;
using SignerCluster.Actors.Messages;
using SignerCluster.Actors.Requests;
using SignerCluster.Actors.Tests.Harness;
using SignerCluster.Conformance;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.RoastCoordinator;

namespace SignerCluster.Actors.Tests.Requests;

public sealed class SigningClientTests : ActorsTest
{
    [Fact]
    public async Task A_question_that_was_lost_is_asked_again_long_before_the_longest_wait()
    {
        using TestGroup group = new(2, 3);
        CoordinatorAnswer told = new CoordinatorAnswer.Failed("told", IsTransient: false);
        int asked = 0;
        TestProbe sessions = CreateTestProbe();
        sessions.SetAutoPilot(new DelegateAutoPilot((asker, _) =>
        {
            asked++;
            if (asked > 1)
            {
                asker.Tell(new FromSession(told), Akka.Actor.ActorRefs.NoSender);
            }

            return AutoPilot.KeepRunning;
        }));
        SigningClientSettings settings = new() { FirstWait = TimeSpan.FromMilliseconds(1), LongestWait = TimeSpan.FromHours(1) };

        Task<(CoordinatorAnswer Answer, CoordinatorState.Accepted? End)> signing = new SigningClient(sessions, settings, TimeProvider.System).SignAsync(
            new CoordinatorAddress(group.Id, SessionId.Parse("s1")), new CoordinatorCommand.Sign(group.Request(1)), TimeSpan.FromHours(2), CancellationToken.None);

        Assert.Same(told, (await signing.WaitAsync(TimeSpan.FromMinutes(1))).Answer);
    }
}
