// The broker's sessions: how they begin, end, move and come back.

#include "base/check.h"
#include "broker/broker.h"
#include "broker/session_image.h"

namespace mqttio::broker {

Session* Broker::find(std::string_view client_id) {
  const auto found = sessions_.find(client_id);
  return found == sessions_.end() ? nullptr : found->second.get();
}

Session& Broker::make_session(std::string client_id) {
  auto session = std::make_unique<Session>(*this, std::move(client_id));
  Session& made = *session;
  sessions_.emplace(made.client_id, std::move(session));
  return made;
}

// ---- begin

void Broker::open(Channel& channel, Time now) {
  const Opening& opening = *channel.opening_;
  channel.ticket_ = next_ticket_++;
  if (ports_.bus.claim(opening.client_id, opening.clean_start, channel.ticket_))
    return finish_open(channel, nullptr, now);
  claims_.emplace(channel.ticket_, Claim{&channel, opening.client_id});
}

void Broker::claimed(ClaimTicket ticket, std::unique_ptr<SessionImage> image, Time now) {
  const auto found = claims_.find(ticket);
  if (found == claims_.end()) return;
  const Claim claim = std::move(found->second);
  claims_.erase(found);
  if (claim.channel != nullptr) {
    finish_open(*claim.channel, std::move(image), now);
    return mark_dirty(*claim.channel);
  }
  if (find(claim.client_id) != nullptr) return;  // another connection of it was quicker
  if (image == nullptr) return ports_.bus.released(claim.client_id);
  leave(settle(claim.client_id, std::move(image)), false, now);
}

void Broker::abandon(Channel& channel) {
  const auto claim = claims_.find(channel.ticket_);
  if (claim != claims_.end()) claim->second.channel = nullptr;
}

void Broker::finish_open(Channel& channel, std::unique_ptr<SessionImage> image, Time now) {
  const std::unique_ptr<Opening> opening = std::move(channel.opening_);
  if (Session* old = find(opening->client_id); old != nullptr && old->channel != nullptr) {
    old->channel->end(mqtt::Reason::session_taken_over, "another connection uses its client id");  // [MQTT-3.1.4-3]
    leave(*old, true, now, Heir::waiting);
  }
  Session* session = find(opening->client_id);
  if (session != nullptr && opening->clean_start) {  // [MQTT-3.1.2-4]
    end_session(*session, now, Heir::waiting);
    session = nullptr;
  }
  if (opening->clean_start) image = nullptr;
  const bool present = session != nullptr || image != nullptr;
  if (session == nullptr) session = &settle(opening->client_id, std::move(image));
  session->cancel();
  session->expiry = opening->expiry;
  session->expires_at = kNever;
  session->will = std::move(opening->will);  // a will that waited for this session's return is void [MQTT-3.1.3-9]
  session->channel = &channel;
  session->resume();
  channel.opened(*session, *opening, present, now);
}

/// A session for a client that has none here: as it was elsewhere, or a new one.
Session& Broker::settle(std::string client_id, std::unique_ptr<SessionImage> image) {
  Session& session = make_session(std::move(client_id));
  if (image == nullptr) return session;
  image->give_to(session);
  for (auto& [filter, options, identifier, walk] : image->filters) {
    Subscription& subscription = session.add_subscription(filter);
    subscription.options = options;
    subscription.identifier = identifier;
    router_.add(subscription);
    ports_.bus.subscribed(filter);
    if (!walk) continue;
    session.walk_retained(subscription, order_);
    subscription.walk->from = std::move(*walk);
    subscription.walk->only_acked = true;
  }
  return session;
}

// ---- end

void Broker::leave(Session& session, bool with_will, Time now, Heir heir) {
  session.channel = nullptr;
  if (!with_will) session.will = nullptr;  // [MQTT-3.14.4-3]
  if (session.expiry <= Duration::zero()) return end_session(session, now, heir);
  session.suspend();
  session.expires_at = session.expiry == Session::kForever ? kNever : now + session.expiry;
  if (session.will != nullptr) session.will->due = now + session.will->delay;
  session_due(session, now, heir);
}

/// Does what is due of a session whose client is away, and arms the timer for the rest.
void Broker::session_due(Session& session, Time now, Heir heir) {
  if (session.expires_at <= now) return end_session(session, now, heir);
  if (session.will != nullptr && session.will->due <= now) publish_will(session, now);
  const Time next = std::min(session.expires_at, session.will != nullptr ? session.will->due : kNever);
  if (next != kNever) timers_.arm(session, next);
}

void Broker::publish_will(Session& session, Time now) {
  const auto will = std::move(session.will);
  const Message& message = *will->message;
  const mqtt::Publish publish{.topic = message.topic(),
                              .payload = message.payload(),
                              .qos = message.qos(),
                              .retain = message.retain(),
                              .properties = message.properties()};
  this->publish(Message::copy(publish, now), &session, now);  // its expiry interval starts now
}

void Broker::end_session(Session& session, Time now, Heir heir) {
  if (session.will != nullptr) publish_will(session, now);  // whichever comes first [MQTT-3.1.2-8]
  session.each_subscription([&](Subscription& subscription) {
    router_.remove(subscription);
    ports_.bus.unsubscribed(subscription.filter);
  });
  if (heir == Heir::none) ports_.bus.released(session.client_id);
  const auto found = sessions_.find(session.client_id);
  const std::unique_ptr<Session> dying = std::move(found->second);  // the key views its id: it goes last
  sessions_.erase(found);
}

std::unique_ptr<SessionImage> Broker::surrender(std::string_view client_id, bool clean_start, Time now) {
  Session* session = find(client_id);
  if (session == nullptr) return nullptr;
  if (session->channel != nullptr) {
    session->channel->end(mqtt::Reason::session_taken_over, "another connection uses its client id");
    leave(*session, true, now, Heir::waiting);
    session = find(client_id);
    if (session == nullptr) return nullptr;  // it ended with its connection
  }
  std::unique_ptr<SessionImage> image;
  if (!clean_start) {
    image = std::make_unique<SessionImage>(SessionImage::take_from(*session));
    session->will = nullptr;  // the client is back in time, elsewhere [MQTT-3.1.3-9]
  }
  end_session(*session, now, Heir::waiting);
  return image;
}

void Broker::shut_down(Time now) {
  for (const auto& [_, session] : sessions_) {
    if (session->channel == nullptr || session->will == nullptr) continue;
    if (session->will->delay <= Duration::zero() || session->expiry <= Duration::zero()) publish_will(*session, now);
  }
}

}  // namespace mqttio::broker
