using System.Threading.RateLimiting;

namespace SignerCluster.Host.Http;

/// <summary>
/// How many submits of covenant jobs are let in: so many in a minute for one caller, and so many in progress for all. Claimed before anything is read or
/// accepted, so that whoever is turned away has left nothing behind.
/// </summary>
internal sealed class JobSlots(HttpLimits limits) : IDisposable
{
    private readonly PartitionedRateLimiter<HttpContext> _rate = PartitionedRateLimiter.Create<HttpContext, string>(context =>
        RateLimitPartition.GetTokenBucketLimiter(CallerOf(context), _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = limits.JobBurst,
            TokensPerPeriod = Math.Max(1, limits.JobsPerMinute / 60),
            ReplenishmentPeriod = TimeSpan.FromSeconds(1),
            QueueLimit = 0,
        }));

    private readonly ConcurrencyLimiter _inFlight = new(new ConcurrencyLimiterOptions { PermitLimit = limits.JobsInFlight, QueueLimit = 0 });

    /// <summary>A slot, to be given back by disposing; or why there is none now.</summary>
    internal IDisposable? TryClaim(HttpContext context, out Problem? problem)
    {
        problem = null;
        if (!_rate.AttemptAcquire(context).IsAcquired)
        {
            problem = TooMany("job_rate_limited", $"This caller may submit {limits.JobsPerMinute} jobs in a minute.");
            return null;
        }

        RateLimitLease slot = _inFlight.AttemptAcquire();
        if (slot.IsAcquired)
        {
            return slot;
        }

        slot.Dispose();
        problem = TooMany("job_slots_taken", $"{limits.JobsInFlight} submits are in progress.");
        return null;
    }

    public void Dispose()
    {
        _rate.Dispose();
        _inFlight.Dispose();
    }

    /// <summary>There is one token, so without it callers are told apart by where they are.</summary>
    private static string CallerOf(HttpContext context) => context.Request.Headers.Authorization.Count > 0 ? "token" : $"{context.Connection.RemoteIpAddress}";

    private static Problem TooMany(string code, string detail) =>
        new(StatusCodes.Status429TooManyRequests, code, $"{detail} Nothing was accepted; send the same request later.")
        {
            Class = Protocol.RefusalClass.Recoverable,
            RetryAfterSeconds = 1,
        };
}
